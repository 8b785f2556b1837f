/* confine - capabilities by libcap-ng, the filter by libseccomp (depth, not a boundary: design.md section 1). */
#define _GNU_SOURCE
#include "app/confine.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/landlock.h"

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
					 "tkill",
					 "rt_sigqueueinfo",
					 "rt_tgsigqueueinfo",
					 "pidfd_open",
					 "pidfd_getfd",
					 "pidfd_send_signal",
					 "process_madvise",
					 "move_pages",
					 "migrate_pages",
					 "name_to_handle_at",
					 "fsopen",
					 "fsmount",
					 "fspick",
					 "open_tree",
					 "move_mount",
					 "mount_setattr",
					 "fanotify_init",
					 "memfd_create",
					 "memfd_secret" };

/* What a keeper does for it. */
static const char *const opening[] = { "open",	  "openat",   "openat2",   "creat",	"unlink",  "unlinkat",
				       "rename",  "renameat", "renameat2", "link",	"linkat",  "mkdir",
				       "mkdirat", "rmdir",    "symlink",   "symlinkat", "chmod",   "fchmodat",
				       "chown",	  "fchownat", "lchown",	   "truncate",	"chdir",   "fchdir",
				       "socket",  "bind",     "listen",	   "connect",	"sendmsg", "sendmmsg" };

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

/*
 * Where it depends on what is asked: threads may be started but no processes, signals go to oneself, a socket that is
 * open sends to no other place, no memory becomes a program.
 */
static bool deny_some(scmp_filter_ctx filter)
{
	const struct {
		int call;
		uint32_t action;
		struct scmp_arg_cmp when;
	} some[] = {
		{ SCMP_SYS(clone), SCMP_ACT_TRAP, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0) },
		{ SCMP_SYS(tgkill), SCMP_ACT_TRAP, SCMP_A0(SCMP_CMP_NE, (scmp_datum_t)getpid(), 0) },
		{ SCMP_SYS(sendto), SCMP_ACT_ERRNO(EACCES), SCMP_A4(SCMP_CMP_NE, 0, 0) },
		{ SCMP_SYS(mmap), SCMP_ACT_ERRNO(EACCES), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC) },
		{ SCMP_SYS(mprotect), SCMP_ACT_ERRNO(EACCES), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC) },
		{ SCMP_SYS(pkey_mprotect), SCMP_ACT_ERRNO(EACCES), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC) },
	};
	bool ok = true;
	for (size_t i = 0; ok && i < sizeof(some) / sizeof(some[0]); i++)
		ok = seccomp_rule_add(filter, some[i].action, some[i].call, 1, some[i].when) == 0;
	/* its flags lie in memory, where a filter cannot look: glibc falls back to clone */
	return ok && seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) == 0;
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

static bool read_capabilities(struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3])
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	return syscall(SYS_capget, &head, data) == 0; /* libcap-ng would read /proc */
}

/* What exec could give. Who may not change it was started with its unit's bounds, and libcap-ng would complain in
 * syslog at each start. */
static bool drop_bounds(void)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const bool may = read_capabilities(data) && (data[0].effective & (1U << CAP_SETPCAP));
	return !may || capng_apply(CAPNG_SELECT_BOUNDS) == 0;
}

static void read_back(struct toc_confinement *out)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	out->uid = (unsigned)geteuid();
	out->capable = !read_capabilities(data) || data[0].permitted || data[1].permitted;
	out->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	out->seccomp = prctl(PR_GET_SECCOMP) == 2;
	out->dumpable = prctl(PR_GET_DUMPABLE) != 0;
}

bool toc_confine(const char *user, bool opens, struct toc_confinement *out)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool ok = filter && deny(filter, forbidden, sizeof(forbidden) / sizeof(forbidden[0]), SCMP_ACT_TRAP);
	if (ok && !opens)
		ok = deny_some(filter) &&
		     deny(filter, opening, sizeof(opening) / sizeof(opening[0]), SCMP_ACT_ERRNO(EACCES));
	*out = (struct toc_confinement){ 0 };
	capng_clear(CAPNG_SELECT_BOTH);
	ok = ok && drop_bounds() && become(user);
	ok = ok && capng_apply(CAPNG_SELECT_CAPS) == 0;
	ok = ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	if (ok && !opens)
		ok = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && (out->landlock = toc_landlock_all()) >= 0;
	ok = ok && seccomp_load(filter) == 0;
	seccomp_release(filter);
	read_back(out);
	return ok;
}

const char *toc_confine_call(int number, char *out, size_t n)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
	snprintf(out, n, "%s", name ? name : "something unknown");
	free(name);
	return out;
}
