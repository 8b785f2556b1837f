/* confine - acts that the engine's process must not be able to do, each tried by a thread of a process that is confined
 * as the engine. */
#define _GNU_SOURCE
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "app/confine.h"
#include "app/landlock.h"
#include "app/pulse.h"

/* What the process has at hand before it is confined. */
struct hand {
	int udp, folder;
	pid_t parent;
};

static long act_read(const struct hand *h)
{
	(void)h;
	return open("/etc/passwd", O_RDONLY);
}
static long act_read_below(const struct hand *h)
{
	return openat(h->folder, "passwd", O_RDONLY);
}
static long act_write(const struct hand *h)
{
	(void)h;
	return open("/tmp/tocsin-test-confine", O_WRONLY | O_CREAT, 0600);
}
static long act_make(const struct hand *h)
{
	(void)h;
	return mkdir("/tmp/tocsin-test-confine", 0700);
}
static long act_remove(const struct hand *h)
{
	(void)h;
	return unlink("/tmp/tocsin-test-confine.none");
}
static long act_exec(const struct hand *h)
{
	char *argv[] = { "true", NULL };
	(void)h;
	return execv("/bin/true", argv);
}
static long act_fork(const struct hand *h)
{
	(void)h;
	return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0 ? (_exit(7), 0) : 0;
}
static long act_clone3(const struct hand *h)
{
	(void)h;
	return syscall(SYS_clone3, NULL, 0);
}
static long act_socket(const struct hand *h)
{
	(void)h;
	return socket(AF_INET, SOCK_STREAM, 0);
}
static long act_packets(const struct hand *h)
{
	(void)h;
	return socket(AF_PACKET, SOCK_RAW, 0);
}
static long act_send_elsewhere(const struct hand *h)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return sendto(h->udp, "x", 1, 0, (const struct sockaddr *)&to, sizeof(to));
}
static long act_connect(const struct hand *h)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
					.sin_port = htons(9),
					.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return connect(h->udp, (const struct sockaddr *)&to, sizeof(to));
}
static long act_pass_descriptor(const struct hand *h)
{
	struct msghdr m = { 0 };
	return sendmsg(h->udp, &m, 0);
}
static long act_signal(const struct hand *h)
{
	return kill(h->parent, 0);
}
static long act_signal_thread(const struct hand *h)
{
	return syscall(SYS_tgkill, h->parent, h->parent, 0);
}
static long act_run_memory(const struct hand *h)
{
	(void)h;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		       ? -1
		       : 0;
}

/* Calls with arguments that no kernel takes: allowed, they fail with another errno. */
#define CALLS(X)                                                                                                       \
	X(ptrace, PTRACE_PEEKDATA, 1)                                                                                  \
	X(process_vm_readv, 1, 0)                                                                                      \
	X(mount, 0, 0)                                                                                                 \
	X(umount2, 0, 0)                                                                                               \
	X(chroot, 0, 0)                                                                                                \
	X(setns, -1, 0)                                                                                                \
	X(unshare, -1, 0)                                                                                              \
	X(setuid, 0, 0)                                                                                                \
	X(setresgid, 0, 0)                                                                                             \
	X(bpf, -1, 0)                                                                                                  \
	X(userfaultfd, -1, 0)                                                                                          \
	X(perf_event_open, 0, 0)                                                                                       \
	X(init_module, 0, 0)                                                                                           \
	X(finit_module, -1, 0)                                                                                         \
	X(kexec_load, 0, -1)                                                                                           \
	X(io_uring_setup, 0, 0)                                                                                        \
	X(keyctl, -1, 0)                                                                                               \
	X(pidfd_open, 1, 0)                                                                                            \
	X(memfd_create, 0, 0)                                                                                          \
	X(open_by_handle_at, -1, 0)                                                                                    \
	X(swapon, 0, 0)                                                                                                \
	X(reboot, 0, 0)                                                                                                \
	X(clock_settime, -1, 0)                                                                                        \
	X(personality, 0, 0)

#define FUNCTION(name, a, b)                                                                                           \
	static long call_##name(const struct hand *h)                                                                  \
	{                                                                                                              \
		(void)h;                                                                                               \
		return syscall(SYS_##name, (long)(a), (long)(b), 0L, 0L, 0L);                                          \
	}
CALLS(FUNCTION)
#undef FUNCTION

static const struct act {
	const char *name;
	long (*try)(const struct hand *h);
} acts[] = { { "read a file", act_read },
	     { "read below an open folder", act_read_below },
	     { "make a file", act_write },
	     { "make a folder", act_make },
	     { "remove a file", act_remove },
	     { "start a program", act_exec },
	     { "start a process", act_fork },
	     { "start one by clone3", act_clone3 },
	     { "make a socket", act_socket },
	     { "capture packets", act_packets },
	     { "send elsewhere by an open socket", act_send_elsewhere },
	     { "connect an open socket", act_connect },
	     { "pass a descriptor", act_pass_descriptor },
	     { "signal another process", act_signal },
	     { "signal a thread of it", act_signal_thread },
	     { "make memory a program", act_run_memory },
#define ROW(name, a, b) { #name, call_##name },
	     CALLS(ROW)
#undef ROW
};

enum { ACTS = sizeof(acts) / sizeof(acts[0]), DENIED = 40, ALLOWED = 41, NOT_CONFINED = 42 };

struct attempt {
	const struct act *act;
	const struct hand *hand;
	bool denied;
};

static void *attempt(void *arg)
{
	struct attempt *a = arg;
	errno = 0;
	long got = a->act->try(a->hand);
	a->denied = got == -1 && (errno == EACCES || errno == ENOSYS);
	return NULL;
}

static struct hand at_hand(void)
{
	return (struct hand){ socket(AF_INET, SOCK_DGRAM, 0), open("/etc", O_RDONLY | O_DIRECTORY), getpid() };
}

static void quiet_end(int number)
{
	(void)number;
	_exit(DENIED);
}

/* In a process of its own, confined; by the thread that confined it or by one that was started after it. */
static int try_confined(const struct act *act, bool other_thread)
{
	const struct hand hand = at_hand();
	pid_t child = fork();
	if (child == 0) {
		struct attempt a = { act, &hand, false };
		struct toc_confinement c;
		pthread_t thread;
		signal(SIGSYS, quiet_end);
		if (!toc_confine(geteuid() == 0 ? "nobody" : NULL, false, &c) || c.uid == 0 || c.capable ||
		    !c.no_new_privs || !c.seccomp || c.dumpable)
			_exit(NOT_CONFINED);
		if (!other_thread)
			attempt(&a);
		else if (pthread_create(&thread, NULL, attempt, &a) != 0 || pthread_join(thread, NULL) != 0)
			_exit(NOT_CONFINED);
		_exit(a.denied ? DENIED : ALLOWED);
	}
	int status = 0;
	waitpid(child, &status, 0);
	close(hand.udp);
	close(hand.folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : NOT_CONFINED;
}

static void acts_are_denied_in_every_thread(void **state)
{
	unsigned denied = 0;
	(void)state;
	for (unsigned i = 0; i < ACTS; i++) {
		bool ok = true;
		for (int other = 0; other < 2; other++) {
			int how = try_confined(&acts[i], other);
			ok = ok && how == DENIED;
			if (how != DENIED)
				printf("%s: %s\n", acts[i].name,
				       how == ALLOWED ? "not denied" : "the process is not confined");
		}
		denied += ok;
	}
	printf("T25: %u of %u forbidden acts denied, in the thread that confines and in one started later\n", denied,
	       ACTS);
	assert_int_equal(denied, ACTS);
}

/* The test itself: unconfined, some of these acts work. */
static void acts_work_where_nothing_is_confined(void **state)
{
	const struct hand hand = at_hand();
	unsigned worked = 0;
	(void)state;
	for (unsigned i = 0; i < ACTS; i++) {
		if (acts[i].try == act_exec || acts[i].try == act_fork || acts[i].try == act_write ||
		    acts[i].try == act_make)
			continue;
		struct attempt a = { &acts[i], &hand, false };
		if (i < 16)
			attempt(&a);
		worked += i < 16 && !a.denied;
	}
	assert_true(worked >= 8);
}

/* Landlock by itself, since the filter refuses before it: what is open stays usable. */
static void landlock_closes_the_file_system(void **state)
{
	(void)state;
	int open_before = open("/etc/passwd", O_RDONLY);
	pid_t child = fork();
	if (child == 0) {
		struct toc_confinement c;
		char byte;
		if (!toc_confine(NULL, true, &c)) /* no_new_privs, and a filter that lets it open */
			_exit(NOT_CONFINED);
		int version = toc_landlock_all();
		if (version <= 0)
			_exit(version == 0 ? 77 : NOT_CONFINED);
		bool closed = open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES;
		closed = closed && mkdir("/tmp/tocsin-test-confine", 0700) < 0 && errno == EACCES;
		_exit(closed && read(open_before, &byte, 1) == 1 ? DENIED : ALLOWED);
	}
	int status = 0;
	waitpid(child, &status, 0);
	close(open_before);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		printf("this kernel has no Landlock: left out\n");
	else
		assert_int_equal(WEXITSTATUS(status), DENIED);
}

/* A process that asks for what it never needs ends, and its keeper hears for what. */
static void the_call_that_ends_it_is_told(void **state)
{
	struct toc_pulse *pulse = toc_pulse_new();
	struct toc_pulse_message m = { 0 };
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		struct toc_confinement c;
		if (toc_pulse_trap(pulse) && toc_confine(NULL, false, &c))
			syscall(SYS_ptrace, PTRACE_PEEKDATA, 1, 0, 0);
		_exit(ALLOWED);
	}
	int status = 0;
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
	assert_true(toc_pulse_next(pulse, &m));
	assert_int_equal(m.word, TOC_PULSE_FORBIDDEN);
	assert_int_equal(m.value, SYS_ptrace);
	assert_false(toc_pulse_next(pulse, &m));
	toc_pulse_free(pulse);
}

static void calls_have_names(void **state)
{
	char name[64];
	(void)state;
	assert_string_equal(toc_confine_call(SYS_execve, name, sizeof(name)), "execve");
	assert_string_equal(toc_confine_call(999999, name, sizeof(name)), "something unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acts_work_where_nothing_is_confined),
		cmocka_unit_test(acts_are_denied_in_every_thread),
		cmocka_unit_test(landlock_closes_the_file_system),
		cmocka_unit_test(the_call_that_ends_it_is_told),
		cmocka_unit_test(calls_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
