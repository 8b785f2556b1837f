/* uid - a flow's identifier as text. */
#ifndef BASE_UID_H
#define BASE_UID_H

#include <stddef.h>
#include <stdint.h>

/* "C" and base-62 of it; out gets 18 bytes at most with the NUL. Returns the length. */
size_t toc_uid_print(uint64_t uid, char out[18]);

#endif
