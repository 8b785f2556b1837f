#!/usr/bin/env bash
# windows.sh OUT.pcap - real programs that speak the Windows family: Samba with smbclient and rpcclient (SMB 3, SMB 1, NTLM,
# pipes), OpenLDAP with ldapsearch and ldapmodify, MIT's KDC with kinit and kvno, each end in a network namespace of its own.
# Made tests/golden/windows.pcap. Needs root and: samba smbclient slapd ldap-utils krb5-kdc krb5-user krb5-admin-server tcpdump.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-windows.XXXXXX); id=tw$$
server=10.20.0.20 client=10.20.3.15
cleanup() {
  for n in server client; do
    for p in $(ip netns pids "$id-$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done
  done
  sleep 1
  for n in server client; do ip netns del "$id-$n" 2>/dev/null || true; done
  rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$id-$n" "$@"; }

for n in server client; do ip netns add "$id-$n"; in_ns $n ip link set lo up; done
ip link add eth0 netns "$id-server" type veth peer name eth0 netns "$id-client"
for n in server client; do
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  in_ns $n ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true
  in_ns $n ip link set eth0 up
done
in_ns server ip address add $server/16 dev eth0
in_ns client ip address add $client/16 dev eth0

# Samba: one share; the user of the wire is not one of this machine
mkdir -p "$work"/{smb,share/plans}
echo "Week 7: the water cycle" >"$work/share/plans/week7.txt"
head -c 3000 /dev/urandom | base64 >"$work/share/photo.jpg"
chmod -R a+rwX "$work" "$work/share"
echo "games = anna" >"$work/map"
cat >"$work/smb.conf" <<EOF
[global]
  workgroup = SCHOOL
  netbios name = FILES
  server role = standalone server
  server min protocol = NT1
  client min protocol = NT1
  username map = $work/map
  smb ports = 445
  disable spoolss = yes
  load printers = no
  private dir = $work/smb
  lock directory = $work/smb
  state directory = $work/smb
  cache directory = $work/smb
  pid directory = $work/smb
  ncalrpc dir = $work/smb/ncalrpc
  log file = $work/smb.log
[teachers]
  path = $work/share
  read only = no
EOF
printf 'geheim7\ngeheim7\n' | in_ns server smbpasswd -c "$work/smb.conf" -s -a games >/dev/null
in_ns server smbd -s "$work/smb.conf" -F >/dev/null 2>&1 &

# OpenLDAP
mkdir "$work/ldap"
cat >"$work/slapd.conf" <<EOF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $work/slapd.pid
database mdb
suffix "dc=school"
rootdn "cn=admin,dc=school"
rootpw geheim7
directory $work/ldap
EOF
in_ns server slapd -f "$work/slapd.conf" -h "ldap://$server/" -d 0 >/dev/null 2>&1 &

# the KDC
export KRB5_CONFIG="$work/krb5.conf" KRB5_KDC_PROFILE="$work/kdc.conf" KRB5CCNAME="FILE:$work/ccache"
cat >"$work/krb5.conf" <<EOF
[libdefaults]
  default_realm = SCHOOL.EXAMPLE
  dns_lookup_kdc = false
  dns_canonicalize_hostname = false
  rdns = false
[realms]
  SCHOOL.EXAMPLE = {
    kdc = $server
  }
EOF
cat >"$work/kdc.conf" <<EOF
[realms]
  SCHOOL.EXAMPLE = {
    database_name = $work/principal
    key_stash_file = $work/stash
    acl_file = $work/acl
  }
EOF
kdb5_util create -s -r SCHOOL.EXAMPLE -P geheim7 >/dev/null 2>&1
for p in "-pw geheim7 +requires_preauth anna" "-randkey cifs/files.school.example" "-pw geheim7 roast"; do
  kadmin.local -r SCHOOL.EXAMPLE -q "addprinc $p" >/dev/null 2>&1
done
in_ns server krb5kdc -n -r SCHOOL.EXAMPLE -P "$work/kdc.pid" >/dev/null 2>&1 &

in_ns server tcpdump -i eth0 -U -w "$work/all.pcap" -q "tcp or udp port 88" 2>/dev/null &
sleep 2

# a day at the file server
smb() { in_ns client smbclient -s "$work/smb.conf" "//$server/teachers" -U 'SCHOOL\anna%geheim7' "$@" >/dev/null 2>&1; }
cd "$work"
echo "Marks of class 7" >marks.csv
smb -m SMB3 -c "cd plans; get week7.txt; put marks.csv; rename marks.csv marks.old; cd ..; get photo.jpg; mkdir new; del plans\\marks.old; rmdir new" || true
smb -m NT1 -c "get plans\\week7.txt; put marks.csv; rename marks.csv marks.locked; del marks.locked" || true
in_ns client smbclient -s "$work/smb.conf" "//$server/teachers" -U 'SCHOOL\anna%wrong' -c ls >/dev/null 2>&1 || true
in_ns client rpcclient -s "$work/smb.conf" -U 'SCHOOL\anna%geheim7' $server -c "enumdomusers; netshareenum; lsaquery" >/dev/null 2>&1 || true

# the directory
ldap() { local what=$1; shift; in_ns client "$what" -x -H "ldap://$server/" -D cn=admin,dc=school -w geheim7 "$@" >/dev/null 2>&1; }
printf 'dn: dc=school\nobjectClass: domain\ndc: school\n\ndn: cn=Anna Berg,dc=school\nobjectClass: inetOrgPerson\nsn: Berg\nuid: anna\n' | ldap ldapadd
printf 'dn: cn=Anna Berg,dc=school\nchangetype: modify\nreplace: userPassword\nuserPassword: geheim8\n-\nadd: mail\nmail: anna@school.example\n' | ldap ldapmodify
ldap ldapsearch -b dc=school '(&(objectClass=inetOrgPerson)(|(uid=an*)(mail=*)))' uid mail
in_ns client ldapsearch -x -H "ldap://$server/" -D "cn=Anna Berg,dc=school" -w wrong -b dc=school >/dev/null 2>&1 || true
ldap ldapdelete "cn=Anna Berg,dc=school"

# tickets: with pre-authentication, without, for a service, and a wrong password
echo geheim7 | in_ns client kinit anna >/dev/null 2>&1 || true
in_ns client kvno cifs/files.school.example >/dev/null 2>&1 || true
in_ns client kvno cifs/nowhere.school.example >/dev/null 2>&1 || true
echo geheim7 | in_ns client kinit -c "FILE:$work/other" roast >/dev/null 2>&1 || true
echo wrong | in_ns client kinit -c "FILE:$work/other" anna >/dev/null 2>&1 || true
sleep 2
cp "$work/all.pcap" "$out"
