#!/bin/sh
# Installs the foreign programs that tests drive, on Debian, as root.
# Idempotent: what is there already is left as it is.
set -eu
cd "$(dirname "$0")"

programs="xmlsec1 libxml2-utils opensaml-tools opensaml-schemas xmltooling-schemas
  openjdk-17-jdk-headless libxml-security-java libslf4j-java libcommons-codec-java
  python3-pysaml2 chromium libnss3-tools fonts-nanum"
missing=""
for program in $programs; do
  # A full JDK provides the headless one's commands.
  case "$(dpkg-query -W -f '${Status}' "$program" 2>/dev/null || true)" in
    *" installed") ;;
    *) missing="$missing $program" ;;
  esac
done
command -v node >/dev/null && command -v npm >/dev/null || missing="$missing nodejs npm"
if [ -n "$missing" ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update
  # shellcheck disable=SC2086 # one word for each package
  apt-get install -y --no-install-recommends $missing
fi

cd node
npm ci --ignore-scripts --no-audit --no-fund
