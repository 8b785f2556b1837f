/* confine - capabilities by libcap-ng, the filter by libseccomp (depth, not a boundary: design.md section 1). */
#include "app/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>

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

bool toc_confine(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool ok = filter != NULL;
	for (unsigned i = 0; ok && i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
		int call = seccomp_syscall_resolve_name(forbidden[i]);
		if (call != __NR_SCMP_ERROR) /* this machine has it */
			ok = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0) == 0;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	ok = ok && capng_apply(CAPNG_SELECT_BOTH) == 0;
	ok = ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}
