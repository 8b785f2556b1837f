/* fence - groups of calls, and the filter that is made of them. */
#define _GNU_SOURCE
#include "app/fence.h"

#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

#include "base/log.h"

enum {
	ASKS = 1,
	READS = 2,
	WRITES = 4,
	TALKS = 8,
	ACCEPTS = 16,
	LISTENS = 32,
	PACKETS = 64,
	SIGNALS = 128,
	ENDS = 256,
	WATCHES = 512
};

/* Memory, time, waiting for each other, a word on stderr, the end; what threads of a sanitizer's build do as well. */
static const char *const always[] = { "brk",
				      "mmap",
				      "munmap",
				      "mremap",
				      "mprotect",
				      "madvise",
				      "futex",
				      "futex_wait",
				      "clock_gettime",
				      "gettimeofday",
				      "time",
				      "clock_nanosleep",
				      "nanosleep",
				      "sched_yield",
				      "sched_getaffinity",
				      "membarrier",
				      "getrandom",
				      "getpid",
				      "gettid",
				      "write",
				      "writev",
				      "rt_sigaction",
				      "rt_sigprocmask",
				      "rt_sigreturn",
				      "sigaltstack",
				      "tgkill",
				      "restart_syscall",
				      "set_robust_list",
				      "rseq",
				      "exit",
				      "exit_group",
				      NULL };
/* Of the keeper, over its channel: descriptors come back. */
static const char *const asks[] = { "poll", "sendto", "recvfrom", "recvmsg", "close", "fcntl", NULL };
/* Of what is open: nothing is opened, made or removed. */
static const char *const reads[] = { "read",  "readv",	    "pread64",	 "preadv", "lseek", "fstat",
				     "statx", "newfstatat", "fadvise64", "close",  NULL };
static const char *const writes[] = { "pwrite64", "pwritev", "fsync", "fdatasync", "ftruncate", "fallocate", NULL };
static const char *const talks[] = { "poll",	    "read",	"readv",      "recvfrom",   "recvmsg",
				     "sendto",	    "shutdown", "getsockopt", "setsockopt", "getpeername",
				     "getsockname", "close",	"fcntl",      NULL };
static const char *const accepts[] = { "accept", "accept4", NULL };
static const char *const listens[] = { "epoll_wait", "epoll_pwait", "epoll_ctl", "recvmmsg", "ioctl", NULL };
/* The keeper watches followed files; who reads of it lets go of those that are gone. */
static const char *const watches[] = { "inotify_rm_watch", NULL };
/* The kernel's ring is memory; what it counts, and whether the interface is still there, is asked for. */
static const char *const packets[] = { "poll", "getsockopt", "getsockname", NULL };
static const char *const signals[] = { "rt_sigtimedwait", NULL };
/* At its end the engine's thread closes what others have used. */
static const char *const ends[] = { "getsockopt", "setsockopt", "shutdown", "epoll_ctl", "close", NULL };

static const struct {
	unsigned group;
	const char *const *names;
} groups[] = {
	{ ASKS, asks },	      { READS, reads },	    { WRITES, writes },	  { TALKS, talks }, { ACCEPTS, accepts },
	{ LISTENS, listens }, { PACKETS, packets }, { SIGNALS, signals }, { ENDS, ends },   { WATCHES, watches }
};

static const struct {
	const char *name;
	unsigned groups;
} roles[TOC_ROLES] = {
#define ROLE(name, groups) { #name, groups },
#include "app/fence.def"
#undef ROLE
};

enum { THREADS = 512, NAME = 16 };

struct toc_fences {
	pthread_mutex_t lock;
	unsigned n;
	struct {
		char name[NAME];
		unsigned calls;
	} at[THREADS];
};

struct toc_fences *toc_fences_new(void)
{
	struct toc_fences *f = calloc(1, sizeof(*f));
	if (!f)
		abort(); /* at start-up there is nothing to save */
	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void toc_fences_free(struct toc_fences *f)
{
	if (!f)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* How many of them this machine has, or -1. A name that stands in two groups is one. */
static int allow(scmp_filter_ctx filter, const char *const *names)
{
	int n = 0;
	for (; *names; names++) {
		int call = seccomp_syscall_resolve_name(*names);
		int said = call == __NR_SCMP_ERROR ? -EEXIST : seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
		if (said != 0 && said != -EEXIST)
			return -1;
		n += said == 0;
	}
	return n;
}

/* Of these only one use: a thread's name; whether an interface is up (what else an ioctl may do changes things). */
static bool allow_some(scmp_filter_ctx filter, unsigned allowed)
{
	const struct scmp_arg_cmp name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);
	const struct scmp_arg_cmp flags = SCMP_A1(SCMP_CMP_EQ, SIOCGIFFLAGS, 0);
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, name) == 0 &&
	       (!(allowed & PACKETS) || seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1, flags) == 0);
}

/* Calls that are allowed from here on; -1: errno tells. */
static int load(unsigned allowed)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int n = filter ? allow(filter, always) : -1, said;
	for (size_t i = 0; n >= 0 && i < sizeof(groups) / sizeof(groups[0]); i++)
		if (allowed & groups[i].group) {
			said = allow(filter, groups[i].names);
			n = said < 0 ? -1 : n + said;
		}
	if (n >= 0 && !allow_some(filter, allowed))
		n = -1;
	if (n >= 0) {
		said = seccomp_load(filter);
		errno = -said;
		n = said ? -1 : n;
	}
	seccomp_release(filter);
	return n;
}

void toc_fence_enter(struct toc_fences *f, enum toc_role role, unsigned number)
{
	char name[NAME];
	if (!f)
		return;
	snprintf(name, sizeof(name), "%s-%u", roles[role].name, number);
	const int calls = load(roles[role].groups);
	if (calls < 0) {
		toc_error("the thread %s cannot be fenced in by seccomp: %s", name, strerror(errno));
		abort(); /* it would read what strangers send without */
	}
	pthread_setname_np(pthread_self(), name);
	pthread_mutex_lock(&f->lock);
	if (f->n < THREADS) {
		memcpy(f->at[f->n].name, name, sizeof(name));
		f->at[f->n++].calls = (unsigned)calls;
	}
	pthread_mutex_unlock(&f->lock);
}

void toc_fences_write(struct toc_fences *f, FILE *out)
{
	fputc('[', out);
	if (f) {
		pthread_mutex_lock(&f->lock);
		for (unsigned i = 0; i < f->n; i++)
			fprintf(out, "%s{\"thread\":\"%s\",\"calls\":%u}", i ? "," : "", f->at[i].name, f->at[i].calls);
		pthread_mutex_unlock(&f->lock);
	}
	fputc(']', out);
}
