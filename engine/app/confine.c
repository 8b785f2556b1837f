/* confine - capabilities by libcap-ng, the filter by libseccomp (depth, not a boundary: design.md section 1). */
#include "app/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <pwd.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What parsing, matching and delivering never need. */
static const char *const forbidden[] = { "execve",
					 "execveat",
					 "ptrace",
					 "process_vm_readv",
					 "process_vm_writev",
					 "mount",
					 "umount2",
					 "pivot_root",
					 "chroot",
					 "setns",
					 "unshare",
					 "kexec_load",
					 "kexec_file_load",
					 "init_module",
					 "finit_module",
					 "delete_module",
					 "bpf",
					 "perf_event_open",
					 "userfaultfd",
					 "keyctl",
					 "add_key",
					 "request_key",
					 "setuid",
					 "setgid",
					 "setreuid",
					 "setregid",
					 "setresuid",
					 "setresgid",
					 "swapon",
					 "swapoff",
					 "reboot",
					 "settimeofday",
					 "clock_settime",
					 "adjtimex",
					 "personality",
					 "acct",
					 "quotactl",
					 "syslog",
					 "sethostname",
					 "iopl",
					 "ioperm",
					 "mknod",
					 "mknodat",
					 "fork",
					 "vfork",
					 "open_by_handle_at",
					 "io_uring_setup",
					 "kill",
					 "tkill" };

/* What a keeper does for it. */
static const char *const opening[] = {
	"open",	    "openat",	 "openat2", "creat",	"unlink", "unlinkat", "rename",
	"renameat", "renameat2", "link",    "linkat",	"mkdir",  "mkdirat",  "rmdir",
	"symlink",  "symlinkat", "chmod",   "fchmodat", "chown",  "fchownat", "lchown",
	"truncate", "chdir",	 "fchdir",  "socket",	"bind",	  "listen",   "connect"
};

static bool deny(scmp_filter_ctx filter, const char *const *names, size_t n, uint32_t action)
{
	bool ok = true;
	for (size_t i = 0; ok && i < n; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);
		if (call != __NR_SCMP_ERROR) /* this machine has it */
			ok = seccomp_rule_add(filter, action, call, 0) == 0;
	}
	return ok;
}

/* Its supplementary groups go too. */
static bool become(const char *user)
{
	const struct passwd *p = user ? getpwnam(user) : NULL;
	if (!user)
		return true;
	if (!p) {
		errno = ENOENT;
		return false;
	}
	return p->pw_uid == geteuid() || capng_change_id((int)p->pw_uid, (int)p->pw_gid, CAPNG_DROP_SUPP_GRP) == 0;
}

bool toc_confine(const char *user, bool opens)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool ok = filter && deny(filter, forbidden, sizeof(forbidden) / sizeof(forbidden[0]), SCMP_ACT_KILL_PROCESS);
	if (ok && !opens)
		ok = deny(filter, opening, sizeof(opening) / sizeof(opening[0]), SCMP_ACT_ERRNO(EACCES));
	capng_clear(CAPNG_SELECT_BOTH);
	ok = ok && become(user);
	ok = ok && capng_apply(CAPNG_SELECT_BOTH) == 0;
	ok = ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}
