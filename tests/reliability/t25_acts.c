/*
 * T25, preloaded into `tocsin run`: each thread names itself when its fence stands (engine/app/fence.c), and then tries
 * acts that it must not be able to do: those of the table in every thread, and those that its own role has no use for.
 * A line a thread on stderr. Built by tests/e2e/fences.test; no part of the program.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before;
static sigjmp_buf back;
static volatile sig_atomic_t trying;

static void on_trap(int number, siginfo_t *info, void *context)
{
	if (trying)
		siglongjmp(back, 1);
	before.sa_sigaction(number, info, context);
}

static const struct sockaddr_in there = { .sin_family = AF_INET, .sin_port = 0x0900, .sin_addr.s_addr = 0x0100007f };
static char *const nothing[] = { NULL };

/* A thread's acts. What would do harm where it is allowed has arguments that no kernel takes. */
static const struct act {
	const char *name;
	long call, a, b, c, d, e;
} acts[] = {
	{ "read /etc/shadow", SYS_open, (long)"/etc/shadow", O_RDONLY, 0, 0, 0 },
	{ "write outside", SYS_openat, AT_FDCWD, (long)"/tmp/tocsin-t25", O_WRONLY | O_CREAT, 0600, 0 },
	{ "make a folder", SYS_mkdir, (long)"/tmp/tocsin-t25", 0700, 0, 0, 0 },
	{ "remove a file", SYS_unlink, (long)"/tmp/tocsin-t25.none", 0, 0, 0, 0 },
	{ "rename a file", SYS_rename, (long)"/tmp/tocsin-t25.none", (long)"/tmp/tocsin-t25.other", 0, 0, 0 },
	{ "make a link", SYS_symlink, (long)"/etc/passwd", (long)"/tmp/tocsin-t25", 0, 0, 0 },
	{ "start a program", SYS_execve, (long)"/bin/true.none", (long)nothing, (long)nothing, 0, 0 },
	{ "start a process", SYS_clone, CLONE_FS | CLONE_NEWNS, 0, 0, 0, 0 },
	{ "start one by clone3", SYS_clone3, 0, 0, 0, 0, 0 },
	{ "look into a process", SYS_ptrace, 16, 1, 0, 0, 0 },
	{ "read its memory", SYS_process_vm_readv, 1, 0, 0, 0, 0 },
	{ "make a socket", SYS_socket, AF_INET, SOCK_STREAM, 0, 0, 0 },
	{ "capture packets", SYS_socket, AF_PACKET, SOCK_RAW, 0, 0, 0 },
	{ "connect elsewhere", SYS_connect, 0, (long)&there, sizeof(there), 0, 0 },
	{ "listen", SYS_bind, 0, (long)&there, sizeof(there), 0, 0 },
	{ "send elsewhere", SYS_sendto, 0, (long)"x", 1, 0, (long)&there },
	{ "pass a descriptor", SYS_sendmsg, 0, 0, 0, 0, 0 },
	{ "mount", SYS_mount, 0, 0, 0, 0, 0 },
	{ "become root", SYS_setuid, 0, 0, 0, 0, 0 },
	{ "load a BPF program", SYS_bpf, 0, 0, 0, 0, 0 },
	{ "handle page faults", SYS_userfaultfd, 0, 0, 0, 0, 0 },
	{ "load a module", SYS_finit_module, -1, 0, 0, 0, 0 },
	{ "signal another process", SYS_kill, 1, 0, 0, 0, 0 },
	{ "run memory", SYS_mmap, 0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1 },
	{ "set the clock", SYS_clock_settime, 0, 0, 0, 0, 0 },
};

/* Of single roles: what others need. */
static const struct own {
	const char *roles;
	struct act act;
} own[] = {
	{ "packets delivery evidence engine", { "take a connection", SYS_accept4, -1, 0, 0, 0, 0 } },
	{ "packets delivery evidence engine control", { "wait for listeners", SYS_epoll_wait, -1, 0, 0, 0, 0 } },
	{ "packets delivery evidence engine control", { "let go of a watch", SYS_inotify_rm_watch, -1, 0, 0, 0, 0 } },
	{ "packets delivery evidence lines control engine",
	  { "watch a file", SYS_inotify_add_watch, -1, (long)"/etc/passwd", 2, 0, 0 } },
	{ "packets delivery evidence lines control engine",
	  { "make a queue of watches", SYS_inotify_init1, -1, 0, 0, 0, 0 } },
	{ "packets", { "read a file", SYS_pread64, -1, 0, 0, 0, 0 } },
	{ "packets lines control", { "write into a file", SYS_pwrite64, -1, 0, 0, 0, 0 } },
	{ "packets", { "ask the keeper", SYS_recvmsg, -1, 0, 0, 0, 0 } },
	{ "packets delivery evidence lines control",
	  { "take the process's signals", SYS_rt_sigtimedwait, 0, 0, 0, 8, 0 } },
	{ "packets delivery evidence lines control", { "start a thread", SYS_clone, CLONE_THREAD, 0, 0, 0, 0 } },
	{ "packets delivery evidence lines control engine", { "set a limit", SYS_prlimit64, 0, 99, 0, 0, 0 } },
	{ "packets delivery evidence lines control engine", { "load another filter", SYS_seccomp, 99, 0, 0, 0, 0 } },
};

static int is_denied(const struct act *a)
{
	errno = 0;
	trying = 1;
	long got = sigsetjmp(back, 1) ? -2 : syscall(a->call, a->a, a->b, a->c, a->d, a->e, (long)sizeof(there));
	trying = 0;
	return got == -2 || (got == -1 && (errno == EACCES || errno == EPERM || errno == ENOSYS));
}

static void try_all(const char *name)
{
	char line[1024], role[16] = "";
	unsigned denied = 0, mine = 0, held = 0;
	size_t n = 0;
	line[0] = '\0';
	memcpy(role, name, strcspn(name, "-") < 15 ? strcspn(name, "-") : 15);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		int ok = is_denied(&acts[i]);
		denied += (unsigned)ok;
		if (!ok && n < sizeof(line))
			n += (size_t)snprintf(line + n, sizeof(line) - n, " [%s]", acts[i].name);
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		if (!strstr(own[i].roles, role))
			continue;
		int ok = is_denied(&own[i].act);
		mine++;
		held += (unsigned)ok;
		if (!ok && n < sizeof(line))
			n += (size_t)snprintf(line + n, sizeof(line) - n, " [%s]", own[i].act.name);
	}
	/* dprintf would seek, which not every thread may */
	char text[1280];
	int size = snprintf(text, sizeof(text), "T25 %s: %u of %zu forbidden acts denied, %u of %u of its own%s\n",
			    name, denied, sizeof(acts) / sizeof(acts[0]), held, mine, line);
	(void)!write(2, text, (size_t)size);
}

int pthread_setname_np(pthread_t thread, const char *name)
{
	static int armed;
	int (*real)(pthread_t, const char *) = (int (*)(pthread_t, const char *))dlsym(RTLD_NEXT, "pthread_setname_np");
	pthread_mutex_lock(&lock);
	if (!armed) {
		const struct sigaction act = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_NODEFER };
		sigaction(SIGSYS, &act, &before);
		armed = 1;
	}
	try_all(name);
	pthread_mutex_unlock(&lock);
	return real(thread, name);
}
