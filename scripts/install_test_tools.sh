#!/bin/bash
# The tests use real programs: sipp (callers and agents), Chromium (people at pages), Chinese fonts (screenshots).
set -euo pipefail
missing=()
command -v sipp > /dev/null || missing+=(sip-tester)
command -v chromium > /dev/null || missing+=(chromium)
fc-list :lang=zh 2> /dev/null | grep -q . || missing+=(fontconfig fonts-noto-cjk)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ]; then
  echo "The tests need: ${missing[*]}. As root: apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
