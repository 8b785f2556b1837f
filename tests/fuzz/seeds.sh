# seeds.sh - sourced in the source folder; seeds TARGET FOLDER writes what a target begins with: the sample day, the shipped rules, sessions of our own.
pcap=tests/golden/encrypted/encrypted.pcap
seeds() {
  case "$1" in
    fuzz_smb|fuzz_ntlm|fuzz_dce_rpc) python3 tests/fuzz/seeds.py tests/golden/windows/windows.pcap 445 "$2" ;;
    fuzz_ldap) python3 tests/fuzz/seeds.py tests/golden/windows/windows.pcap 389 "$2" ;;
    fuzz_rdp) printf '\0\0\053\3\0\0\053\046\340\0\0\0\0\0Cookie: mstshash=anna\r\n\1\0\010\0\3\0\0\0\1\0\023\3\0\0\023\016\320\0\0\0\0\0\2\0\010\0\0\0\0\0' >"$2/negotiation" ;;
    fuzz_kerberos) python3 tests/fuzz/seeds.py tests/golden/windows/windows.pcap 88 "$2" ;;
    fuzz_flows|fuzz_capture) head -c 60000 tests/golden/sample-day/day.pcap >"$2/day" ;;
    fuzz_ssl) for p in 8443 8444 8445 8446 8447; do tests/fuzz/steps.py $pcap tcp $p "$2/s$p-"; done ;;
    fuzz_dtls) tests/fuzz/steps.py $pcap udp 8448 "$2/s" ;;
    fuzz_quic) tests/fuzz/steps.py $pcap udp 4433 "$2/s" ;;
    fuzz_ssh) tests/fuzz/steps.py $pcap tcp 2222 "$2/s" ;;
    fuzz_http2) tests/fuzz/steps.py $pcap tcp 8080 "$2/s" ;;
    fuzz_lines) awk 'NR % 9 == 1 { print > sprintf("'"$2"'/line%d", NR) }' tests/golden/sample-day/day.log ;;
    fuzz_sections) printf 'An account was logged off.\t\tSubject:\t\tAccount Name:  x  Logon Type: 3\r\n\r\nPort: 1' >"$2/sections"
      printf 'user anna from 10.1.2.3:22 mac 02:00:00:00:00:01 on interface Gi1/0/1 vlan 7\nuser b from 10.1.2.4:23 mac 0200.0000.0002 on interface x vlan 8\n' >"$2/found" ;;
    fuzz_inflate) printf '\2\3\013\2\200hello\3' >"$2/brotli"; { printf '\0\7'; echo 'a body, a body, a body' | gzip -c; } >"$2/gzip"
      python3 -c 'import sys, zlib; sys.stdout.buffer.write(b"\1\5" + zlib.compress(b"a body, " * 99))' >"$2/zlib" ;;
    fuzz_unpack) echo '<13>Oct 11 22:14:15 h a: b b b b' >"$2/plain"; gzip -c "$2/plain" >"$2/a.gz"; xz -c "$2/plain" >"$2/a.xz"; zstd -qc "$2/plain" >"$2/a.zst" || true ;;
    fuzz_config) { printf 'version: 1\nsensor: {name: s1}\ninterfaces: [{name: eth1, filter: "not port 9"}]\nsyslog: [{udp: "0.0.0.0:514"}, {tcp: "0.0.0.0:514", relay: true}]\n'
      printf 'site: {local: [10.0.0.0/8], zones: [{name: a, networks: [10.2.0.0/16], role: student}], devices: "101", people: "102"}\n'
      printf 'deliver: {redis: "redis://h:1/2", people: "103", routes: {da: {clear: [persons]}}}\nretention: {owner: o, alerts_days: 9}\n%%%%%%%%\n'
      printf 'mac,host,role,owner,ownership\n02:00:00:00:00:01,pc,lab,"a, b",school\n%%%%%%%%\nuser,role,kind,grade_band\nann,staff,person,\n%%%%%%%%\n'
      printf 'people: [{uid: amy, routes: [ts], approves: [staff], hours: "07:00-16:00"}]\noutside: ext\n%%%%%%%%\n'
      printf -- '- {id: m-1, owner: a, reason: "b", begin: "2026-03-02T08:00:00Z", end: "2026-03-03T08:00:00Z", zones: [x]}\n%%%%%%%%\n# deed x\n'; } >"$2/all"
      sed -n '/^```yaml/,/^```/p' docs/operating.md | sed '/^```/d' >"$2/docs" ;;
    fuzz_delivery) printf '\0+OK\r\n*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n$-1\r\n+OK\r\n' >"$2/begin"; master='*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n'
      printf "\\0$master"'$-1\r\n+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*6\r\n$3\r\n1-1\r\n$3\r\n1-2\r\n$3\r\n1-3\r\n$3\r\n1-4\r\n$3\r\n1-5\r\n+OK\r\n' >"$2/batch"
      printf "\\0$master"'$18\r\n9 \1\r\n' >"$2/position"; printf "\\0$master"'-MOVED 1 10.1.1.2:6379\r\n\377'"$master"'$-1\r\n-ASK 1 10.1.1.2:6379\r\n\377+OK\r\n' >"$2/moved"
      printf '\1*2\r\n$8\r\n10.1.1.2\r\n$4\r\n6379\r\n\377'"$master"'$-1\r\n' >"$2/sentinel"; printf '\0-NOAUTH x\r\n' >"$2/refused" ;;
    fuzz_pe) python3 -c 'import sys; [open(sys.argv[1] + "/" + n, "wb").write(bytes.fromhex(h)) for n, h in map(str.split, open("tests/fuzz/kept/fuzz_pe.txt"))]' "$2" ;;
    fuzz_mime) head -c 4096 tests/golden/sample-day/day.pcap >"$2/pcap"; echo '<html><script>' >"$2/html"; printf 'PK\3\4\024\0\0\0\0\0%022dmimetype' 0 >"$2/zip"; echo '#!/bin/sh' >"$2/sh" ;;
    fuzz_relp) printf '1 open 39 relp_version=0\ncommands=syslog,eventlog\n2 syslog 5 <1>ab\n3 syslog 0\n4 close 0\n' >"$2/session" ;;
    fuzz_tls_server) printf '\2<1>a\n<2>b\n' >"$2/lines"; printf '\0024 <1>a9x' >"$2/octets"; printf '\0031 open 39 relp_version=0\ncommands=syslog,eventlog\n2 syslog 1 a\n' >"$2/relp"
      printf '\0\026\3\1\0\005\1\0\0\1\3' >"$2/hello"; printf '\0<1>no TLS\n' >"$2/plain"
      printf '\4\044\0<1>a\n' >"$2/renegotiates"; printf '\4\030\1\0\0\0\0<1>a\n' >"$2/new_keys"; printf '\4\014\0<1>a\n' >"$2/old_version"; printf '\5\0\1\0\0\0\0\061 open 1 x\n' >"$2/between_relp"
      for k in 1 2 3 4 5 6 7; do printf '\4\4\2\0\0\0\0\'$k'\0\050\7<1>a\n' >"$2/second$k"; printf '\4\10\3\0\0\0\0\0\0\0\0\'$k'\0\10\7<1>a\n' >"$2/third$k"; printf '\4\10\1\'$k'\0\10\7<1>a\n' >"$2/first$k"; done ;;
    fuzz_records) for k in conn transfer weird; do echo '{"event":"'$k'","ts":1.5,"uid":"C1x","id.orig_h":"10.1.2.3","share":0.25,"final":true,"duration":1.5}' >"$2/$k"; done ;;
    fuzz_correlate) for i in 1 2 3 4 5 6; do { printf '\0'; head -c $((i * 3000)) tests/golden/sample-day/day.pcap | tail -c 900; } >"$2/day$i"; done ;;
    fuzz_snapshot) printf '\1' >"$2/whole"; for i in 1 2 3 4 5 6 7 8 9; do { printf '\1'; head -c $((i * 3000)) tests/golden/sample-day/day.pcap | tail -c $((3 * i)); } >"$2/day$i"; done ;;
    fuzz_rules) for f in rules/detect/*/*.yml rules/taxonomy/*.yml rules/normalise/sudo.yml; do cp "$f" "$2"; done
      for f in tests/rules/conformance/*.yml tests/rules/conformance/pipelined/rules.yml; do
        awk -v to="$2/$(basename "$f" .yml)" '/^---$/ { n++; next } { print > (to n) }' "$f"
      done
      { cat tests/rules/conformance/pipelined/rules.yml; printf '%%%%%%%%\n%%%%%%%%\n'; cat tests/rules/conformance/site/lists.yml; printf '%%%%%%%%\n'; cat tests/rules/conformance/pipelined/pipeline.yml; } >"$2/parts" ;;
    *) python3 tests/fuzz/text_seeds.py "$1" "$2" ;; # those it knows
  esac
}
