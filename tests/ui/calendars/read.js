// Reads one calendar object from standard input with ical.js, and prints what a calendar program would show, as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const root = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
for (const zone of root.getAllSubcomponents("vtimezone")) {
  ICAL.TimezoneService.register(zone);
}
const events = root.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  const moment = (time) => ({
    local: time.toString(),
    zone: time.zone.tzid,
    utc: time.isDate ? null : time.toJSDate().toISOString(),
  });
  return {
    uid: event.uid,
    sequence: event.sequence,
    status: component.getFirstPropertyValue("status"),
    summary: event.summary,
    location: event.location,
    organizer: event.organizer,
    stamped: component.hasProperty("dtstamp"),
    start: moment(event.startDate),
    end: moment(event.endDate),
    attendees: event.attendees.map((attendee) => ({
      address: attendee.getFirstValue(),
      name: attendee.getParameter("cn"),
      rsvp: attendee.getParameter("rsvp"),
      partstat: attendee.getParameter("partstat"),
    })),
  };
});
console.log(JSON.stringify({ method: root.getFirstPropertyValue("method"), events }));
