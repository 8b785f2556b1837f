#!/usr/bin/env bash
# domain.sh OUT.pcap - Samba as the domain controller of a school, and what clients and an attacker ask of it: kinit, kvno, smbclient,
# rpcclient, ldapsearch, net ads join, samba-tool drs, an account's secrets by DRSUAPI, impacket's
# GetNPUsers and services, tickets for services that are weakly ciphered. Server and client are in network namespaces of their own.
# Made tests/golden/domain/domain.pcap. Needs root and: samba samba-ad-provision samba-dsdb-modules samba-vfs-modules winbind smbclient
# krb5-user ldap-utils libsasl2-modules-gssapi-mit python3-impacket tcpdump.
set -eu
out=$(realpath "$1")
work=$(mktemp -d /tmp/tocsin-domain.XXXXXX); id=td$$
server=10.30.0.10 client=10.30.3.15
python=/usr/bin/python3 tools=/usr/share/doc/python3-impacket/examples
cleanup() {
  for n in server client; do
    for p in $(ip netns pids "$id-$n" 2>/dev/null); do kill "$p" 2>/dev/null || true; done
  done
  sleep 1
  for n in server client; do ip netns del "$id-$n" 2>/dev/null || true; rm -rf "/etc/netns/$id-$n"; done
  [ -n "${KEEP:-}" ] || rm -rf "$work"
}
trap cleanup EXIT
in_ns() { local n=$1; shift; ip netns exec "$id-$n" "$@"; }
client() { in_ns client timeout 60 "$@" >>"$work/said" 2>&1 || echo "failed: $*" >>"$work/said"; }

for n in server client; do
  mkdir -p "/etc/netns/$id-$n"
  printf 'search school.example\nnameserver %s\n' $server >"/etc/netns/$id-$n/resolv.conf"
  printf '127.0.0.1 localhost\n%s dc1.school.example dc1\n' $server >"/etc/netns/$id-$n/hosts"
  ip netns add "$id-$n"
  in_ns $n ip link set lo up
done
ip link add eth0 netns "$id-server" type veth peer name eth0 netns "$id-client"
for n in server client; do
  in_ns $n sysctl -qw net.ipv6.conf.all.disable_ipv6=1
  in_ns $n ethtool -K eth0 tx off gso off tso off gro off >/dev/null 2>&1 || true
  in_ns $n ip link set eth0 up
done
in_ns server ip address add $server/16 dev eth0
in_ns client ip address add $client/16 dev eth0

# the domain; xattrs lie in a file, as a folder of /tmp may have none
in_ns server samba-tool domain provision --targetdir="$work/dc" --realm=SCHOOL.EXAMPLE --domain=SCHOOL --host-name=dc1 --host-ip=$server \
  --server-role=dc --dns-backend=SAMBA_INTERNAL --adminpass=Geheim-77 --option="interfaces=lo eth0" --option="bind interfaces only=yes" \
  --option="posix:eadb=$work/eadb.tdb" >"$work/provision" 2>&1
conf=$work/dc/etc/smb.conf
sed -i 's/^\[global\]/&\n\tldap server require strong auth = no\n\tntlm auth = yes/' "$conf"
chmod 711 "$work" "$work/dc"
tool() { in_ns server samba-tool "$@" -s "$conf" >>"$work/said" 2>&1; }
tool domain passwordsettings set --complexity=off --min-pwd-length=4
for u in anna roast web; do tool user create $u geheim7; done
tool spn add HTTP/intranet.school.example web
tool spn add MSSQL/data.school.example web
$python - "$work/dc/private/sam.ldb" "$conf" <<'PY'
import sys
from samba.samdb import SamDB
from samba.auth import system_session
from samba.param import LoadParm
lp = LoadParm(sys.argv[2])
db = SamDB(url=sys.argv[1], session_info=system_session(lp), lp=lp)
db.modify_ldif("dn: CN=roast,CN=Users,DC=school,DC=example\nchangetype: modify\nreplace: userAccountControl\nuserAccountControl: %d\n" % (512 | 0x400000))
PY
in_ns server samba -s "$conf" -F --no-process-group >"$work/samba.log" 2>&1 &
for n in $(seq 300); do in_ns server ss -Hltn | grep -q ":389 " && in_ns server ss -Hltn | grep -q ":445 " && break; sleep 0.2; done
sleep 5

export KRB5_CONFIG="$work/krb5.conf" KRB5CCNAME="$work/ccache"
printf '[libdefaults]\n default_realm = SCHOOL.EXAMPLE\n dns_lookup_realm = false\n dns_lookup_kdc = false\n rdns = false\n allow_weak_crypto = true\n[realms]\n SCHOOL.EXAMPLE = {\n  kdc = dc1.school.example\n }\n' >"$KRB5_CONFIG"
mkdir -p "$work"/member/{private,lock,state,cache,pid}
cat >"$work/member.conf" <<EOF
[global]
  workgroup = SCHOOL
  realm = SCHOOL.EXAMPLE
  security = ads
  netbios name = ROOM12
  private dir = $work/member/private
  lock directory = $work/member/lock
  state directory = $work/member/state
  cache directory = $work/member/cache
  pid directory = $work/member/pid
  kerberos method = secrets only
EOF
in_ns client tcpdump -i eth0 -U -w "$work/all.pcap" -q 2>/dev/null &
sleep 1

# somebody logs on and works
cd "$work"
echo geheim7 | client kinit anna@SCHOOL.EXAMPLE
echo wrong | client kinit -c "$work/other" anna@SCHOOL.EXAMPLE
client kvno HTTP/intranet.school.example
client kvno cifs/nowhere.school.example
client smbclient -s member.conf --use-kerberos=required //dc1.school.example/sysvol -c "ls; cd school.example; ls; cd Policies; ls"
client smbclient -s member.conf -U 'SCHOOL\anna%geheim7' //dc1.school.example/netlogon -c ls
client smbclient -s member.conf -U 'SCHOOL\anna%wrong' //dc1.school.example/netlogon -c ls
client ldapsearch -Y GSSAPI -O maxssf=0 -H ldap://dc1.school.example -b dc=school,dc=example '(sAMAccountName=anna)' memberOf
client ldapsearch -x -D anna@school.example -w geheim7 -H ldap://dc1.school.example -b dc=school,dc=example '(&(objectClass=user)(servicePrincipalName=*))' sAMAccountName
client ldapsearch -x -D anna@school.example -w wrong -H ldap://dc1.school.example -b dc=school,dc=example '(objectClass=computer)' cn

# a machine joins
client net ads join -s member.conf -U 'Administrator%Geheim-77' --no-dns-updates
client net ads testjoin -s member.conf

# who looks around
client rpcclient -s member.conf -U 'SCHOOL\anna%geheim7' dc1.school.example -c 'enumdomusers; enumdomgroups; querygroupmem 0x200; queryuser 0x1f4'
client rpcclient -s member.conf -U 'SCHOOL\anna%geheim7' dc1.school.example -c 'lsaquery; lsaenumsid; lookupnames Administrator; netshareenum; dsr_getdcname SCHOOL'

# and who wants more: tickets to crack, and the secrets of an account by replication
client $python $tools/GetNPUsers.py -dc-ip $server -no-pass school.example/roast
echo geheim7 | client kinit -c "$work/other" anna@SCHOOL.EXAMPLE
client kvno -e rc4-hmac -c "$work/other" HTTP/intranet.school.example MSSQL/data.school.example
client $python - "$work/member.conf" <<'PY'
import sys
from samba import drs_utils
from samba.credentials import Credentials
from samba.dcerpc import drsuapi
from samba.param import LoadParm
lp = LoadParm(sys.argv[1])
who = Credentials()
who.guess(lp)
who.parse_string("SCHOOL\\Administrator%Geheim-77")
link, handle, _ = drs_utils.drsuapi_connect("dc1.school.example", lp, who)
want = drsuapi.DsGetNCChangesRequest8()
want.naming_context = drsuapi.DsReplicaObjectIdentifier()
want.naming_context.dn = "CN=web,CN=Users,DC=school,DC=example"
want.replica_flags = drsuapi.DRSUAPI_DRS_INIT_SYNC
want.max_object_count, want.max_ndr_size = 1, 65536
want.extended_op = drsuapi.DRSUAPI_EXOP_REPL_OBJ
level, said = link.DsGetNCChanges(handle, 8, want)
print("level", level, "objects", said.object_count)
PY
client $python $tools/services.py 'school.example/Administrator:Geheim-77@dc1.school.example' list
client samba-tool drs showrepl dc1.school.example -U 'SCHOOL\Administrator%Geheim-77' -s member.conf
sleep 2
cp "$work/all.pcap" "$out"
grep '^failed' "$work/said" >&2 || true
