/* random - getrandom(2), once, at start. */
#include "app/random.h"

#include <stdlib.h>
#include <sys/random.h>

#include "app/command.h"
#include "base/log.h"

void toc_random_key(struct toc_hash_key *out)
{
	if (getrandom(out, sizeof(*out), 0) == sizeof(*out))
		return;
	toc_error("the system gives no random bytes (getrandom)");
	exit(TOC_EXIT_ENVIRONMENT);
}
