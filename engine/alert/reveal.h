/* reveal - the other end of mask_seal: who the tokens of a revision are, for the process that may know. */
#ifndef ALERT_REVEAL_H
#define ALERT_REVEAL_H

#include "tocsin/span.h"

/* JSON {"tok_…":"name", …} of what was sealed for that alert's revision in that school year; NULL: wrong key, or it is
 * not what was sealed. The caller frees it. */
char *toc_reveal(const uint8_t site_key[32], unsigned school_year, const char *id, unsigned revision,
		 struct toc_span sealed);

#endif
