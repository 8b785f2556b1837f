/* random - the process's secret for its hash tables. */
#ifndef APP_RANDOM_H
#define APP_RANDOM_H

#include "base/hash.h"

/* From the system's randomness; ends the process when there is none. */
void toc_random_key(struct toc_hash_key *out);

#endif
