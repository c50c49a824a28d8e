#!/bin/sh
# Cuts a container off, from within its own network namespace:
#   docker run --rm --cap-add NET_ADMIN --network container:VICTIM IMAGE cut ADDRESS...   drops all to and from ADDRESS
#   docker run --rm --cap-add NET_ADMIN --network container:VICTIM IMAGE swallow PORT TEXT   drops what has TEXT in it
#   docker run --rm --cap-add NET_ADMIN --network container:VICTIM IMAGE heal             lets everything through again
#   docker run --rm --cap-add NET_ADMIN --network container:VICTIM IMAGE count            packets dropped so far
# ADDRESS may be a network (10.77.2.0/24 is a site). The victim itself needs no capability, and nothing touches the host.
set -eu
chain=TWOFOLD
heal() {
  for hook in INPUT OUTPUT; do
    while iptables -w 5 -D "$hook" -j "$chain" 2> /dev/null; do :; done
  done
  iptables -w 5 -F "$chain" 2> /dev/null || true
  iptables -w 5 -X "$chain" 2> /dev/null || true
}
begin() {
  heal
  iptables -w 5 -N "$chain"
}
hook() {
  iptables -w 5 -I INPUT -j "$chain"
  iptables -w 5 -I OUTPUT -j "$chain"
}
case $1 in
  cut)
    shift
    begin
    for address in "$@"; do
      iptables -w 5 -A "$chain" -s "$address" -j DROP
      iptables -w 5 -A "$chain" -d "$address" -j DROP
    done
    hook
    ;;
  swallow)
    begin
    iptables -w 5 -A "$chain" -p tcp --dport "$2" -m string --algo bm --string "$3" -j DROP
    hook
    ;;
  heal) heal ;;
  count) iptables -w 5 -L "$chain" -v -x -n 2> /dev/null | awk '$3 == "DROP" { sum += $1 } END { print sum + 0 }' ;;
  *)
    echo "usage: net-fault cut ADDRESS... | swallow PORT TEXT | heal | count" >&2
    exit 2
    ;;
esac
