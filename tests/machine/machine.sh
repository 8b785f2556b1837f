# A Debian of its own with systemd, for tests that need a whole machine (root; debootstrap). It has its own root, processes and network; what it
# writes goes into an overlay, so that the debootstrapped folder stays bare and is used again.
#   machine_base SUITE                 debootstraps SUITE below MACHINES, or finds it there; sets BASE
#   machine_boot NAME                  BASE boots; sets MACHINE (the pid of its systemd) and MACHINE_ROOT
#   machine_do COMMAND …               in the machine;  machine_online COMMAND …: the same with the network of this one, for apt
#   machine_stop                       safe to call twice
MACHINES=${MACHINES:-/var/tmp/newcomer}

machine_base() { # suite
  BASE=$MACHINES/$1
  if [ ! -e "$BASE.whole" ]; then
    rm -rf "$BASE"; mkdir -p "$MACHINES"
    debootstrap "$1" "$BASE" >"$BASE.log" 2>&1 || { tail -3 "$BASE.log"; return 1; }
    # how packages are reached from here is this machine's own; what docker's images add would empty the cache while apt still reads it
    cp /etc/resolv.conf "$BASE/etc/resolv.conf"
    for conf in /etc/apt/apt.conf.d/*; do
      case $conf in */docker-*) ;; *) cp -n "$conf" "$BASE/etc/apt/apt.conf.d/" ;; esac
    done
    touch "$BASE.whole"
  fi
}

# What pid 1 of the new namespaces does: mounts, a new root, systemd. No clock, no modules: these are not the machine's.
machine_init='
set -eu
cd "$1"
mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run; mount -t tmpfs tmpfs tmp; mount -t tmpfs -o mode=755 tmpfs dev
for n in null zero full random urandom tty; do : >dev/$n; mount --bind /dev/$n dev/$n; done
mkdir dev/pts dev/shm; mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts; mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
for n in stdin:0 stdout:1 stderr:2; do ln -s "/proc/self/fd/${n#*:}" "dev/${n%:*}"; done
hostname "$2"; echo "$2" >etc/hostname; printf "127.0.0.1 localhost %s\n" "$2" >etc/hosts
ip link set lo up
mkdir -p .outside; pivot_root . .outside; cd /; umount -l /.outside; rmdir /.outside; mount --make-rshared /
exec env -i container=tocsin PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv --bounding-set -sys_time,-sys_module,-sys_boot --inh-caps -sys_time,-sys_module,-sys_boot /lib/systemd/systemd
'

machine_boot() { # name
  local i
  MACHINE_WORK=$(mktemp -d "$MACHINES/run.XXXXXX")
  MACHINE_ROOT=$MACHINE_WORK/root MACHINE_GROUP=/sys/fs/cgroup/unified/${MACHINE_WORK##*/}
  [ -d /sys/fs/cgroup/unified ] || MACHINE_GROUP=/sys/fs/cgroup/${MACHINE_WORK##*/}
  mkdir "$MACHINE_WORK/upper" "$MACHINE_WORK/over" "$MACHINE_ROOT" "$MACHINE_GROUP"
  mount -t overlay overlay -o "lowerdir=$BASE,upperdir=$MACHINE_WORK/upper,workdir=$MACHINE_WORK/over" "$MACHINE_ROOT"
  bash -c 'echo $$ >"$0/cgroup.procs"; exec unshare --mount --pid --net --uts --ipc --cgroup --fork --kill-child --propagation private bash -c "$@"' \
    "$MACHINE_GROUP" "$machine_init" machine "$MACHINE_ROOT" "$1" >"$MACHINE_WORK/log" 2>&1 & MACHINE_OUTER=$!
  for i in $(seq 600); do
    MACHINE=$(cat "/proc/$MACHINE_OUTER/task/$MACHINE_OUTER/children" 2>/dev/null | tr -d ' ')
    [ -n "$MACHINE" ] && case "$(machine_do systemctl is-system-running 2>/dev/null)" in running|degraded) return 0 ;; esac
    kill -0 "$MACHINE_OUTER" 2>/dev/null || break
    sleep 0.2
  done
  echo "the machine does not boot:"; cat "$MACHINE_WORK/log"; return 1
}

machine_do() { nsenter -t "$MACHINE" --all --wdns=/root -- "$@"; }
machine_online() { nsenter -t "$MACHINE" --mount --uts --ipc --pid --cgroup --wdns=/root -- "$@"; }

machine_stop() {
  [ -n "${MACHINE_WORK:-}" ] || return 0
  [ -z "${MACHINE:-}" ] || kill -KILL "$MACHINE" 2>/dev/null || true
  wait "$MACHINE_OUTER" 2>/dev/null || true
  umount "$MACHINE_ROOT" || true
  find "$MACHINE_GROUP" -depth -type d -exec rmdir {} + || true
  rm -rf --one-file-system "$MACHINE_WORK"
  MACHINE='' MACHINE_WORK=''
}
