/* landlock - three system calls; glibc has no names for them, and older headers lack what newer kernels can refuse. */
#include "app/landlock.h"

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr of Linux 6.12; older kernels take a shorter one */
struct ruleset {
	uint64_t handled_access_fs, handled_access_net, scoped;
};

enum { VERSION = 1 << 0, FS_ONLY = 8, FS_NET = 16, FS_NET_SCOPE = 24, NEWEST = 6 };

/* By version: the rights that it knows (all of them are handled, none is granted), and the size of its structure. */
static const struct {
	uint64_t fs, net, scoped;
	size_t size;
} known[NEWEST + 1] = {
	[1] = { (1 << 13) - 1, 0, 0, FS_ONLY }, [2] = { (1 << 14) - 1, 0, 0, FS_ONLY },	     /* with REFER */
	[3] = { (1 << 15) - 1, 0, 0, FS_ONLY }, [4] = { (1 << 15) - 1, 3, 0, FS_NET },	     /* TRUNCATE; TCP */
	[5] = { (1 << 16) - 1, 3, 0, FS_NET },	[6] = { (1 << 16) - 1, 3, 3, FS_NET_SCOPE }, /* IOCTL_DEV; scopes */
};

int toc_landlock_all(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, VERSION);
	if (version < 1)
		return version < 0 && errno != ENOSYS && errno != EOPNOTSUPP ? -1 : 0;
	version = version > NEWEST ? NEWEST : version;
	const struct ruleset all = { known[version].fs, known[version].net, known[version].scoped };
	long rules = syscall(SYS_landlock_create_ruleset, &all, known[version].size, 0);
	if (rules < 0)
		return -1;
	long done = syscall(SYS_landlock_restrict_self, (int)rules, 0);
	int why = errno;
	close((int)rules);
	errno = why;
	return done == 0 ? (int)version : -1;
}
