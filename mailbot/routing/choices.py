"""The answers by number that many matters may get: nothing is to be done, the sender is believed, try again."""

from __future__ import annotations

from mailbot.routing.plans import Act, Choice

LEAVE = Choice("bỏ qua", Act.CLOSE)
# Something outside mail, which only the clerk sees done.
DONE = (Choice("đã làm", Act.CLOSE), LEAVE)
SEEN = Choice("đã xem", Act.CLOSE)
# What its sender does not prove may be asked of them by telephone.
DOUBTED = (Choice("đã xác minh", Act.BELIEVE), LEAVE)
# A rule was added, a program installed, the disk has room again.
AGAIN = (Choice("thử lại", Act.RETRY), LEAVE)
