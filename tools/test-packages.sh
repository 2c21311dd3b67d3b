#!/bin/sh
# Installs the Debian packages that the tests' servers come from, as root; leaves no service started or enabled.
# Usage: tools/test-packages.sh [PACKAGE...]; without a name those of the mail servers and the database.
set -eu

export PATH="$PATH:/usr/sbin:/sbin"
POLICY=/usr/sbin/policy-rc.d
CLUSTERS=/etc/postgresql-common/createcluster.conf

[ $# -gt 0 ] || set -- dovecot-imapd dovecot-lmtpd postfix postgresql
missing=""
for package in "$@"; do
    case "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" in
        installed) ;;
        *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "test packages: not root, so nothing is installed; tests that need one are skipped without:$missing"
    exit 0
fi

echo "test packages: installing with apt-get:$missing (no service is started or enabled)"
export DEBIAN_FRONTEND=noninteractive

# Services are forbidden to start for as long as this runs; a policy that stands here already is left alone.
made_policy=""
kept=""
restore() {
    [ -z "$made_policy" ] || rm -f "$POLICY"
    [ -z "$kept" ] || { cat "$kept" > "$CLUSTERS" && rm -f "$kept"; }
}
trap restore EXIT
trap 'exit 1' HUP INT TERM
if [ ! -e "$POLICY" ]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' > "$POLICY"
    chmod 755 "$POLICY"
fi

enabled() {
    find /etc/systemd/system /etc/rc?.d -name 'S[0-9]*' -o -type l -name '*.service' -o -type l -name '*.socket' \
        2>/dev/null | sort
}
before=$(mktemp)
enabled > "$before"

apt-get update -q
case "$missing" in
    *postfix*) echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections ;;
esac
case "$missing" in
    *postgresql*)
        # postgresql-common comes first, so that its answer "make no cluster" is read when the server is installed.
        apt-get install -q -y --no-install-recommends postgresql-common
        if [ -f "$CLUSTERS" ] && ! grep -q '^create_main_cluster = false' "$CLUSTERS"; then
            kept=$(mktemp)
            cat "$CLUSTERS" > "$kept"
            echo "create_main_cluster = false" >> "$CLUSTERS"
        fi
        ;;
esac
# shellcheck disable=SC2086  # a list of words
apt-get install -q -y --no-install-recommends $missing

# What was not enabled before is not enabled now.
enabled | comm -13 "$before" - | while read -r link; do
    unit=$(basename "$link")
    case "$unit" in
        *.service | *.socket) systemctl disable -q "$unit" 2>/dev/null || rm -f "$link" ;;
        *) update-rc.d "${unit#S[0-9][0-9]}" disable >/dev/null 2>&1 || true ;;
    esac
done
rm -f "$before"
echo "test packages: done"
