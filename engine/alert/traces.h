/* traces - where the evidence of a revision came from. */
#ifndef ALERT_TRACES_H
#define ALERT_TRACES_H

#include "alert/episode.h"

struct traces {
	unsigned n;
	struct toc_trace at[TOC_EVIDENCE];
	struct text lines;
};

/* Of all events of the revision, whoever is shown them; none where the rule wants none. */
void traces_note(struct traces *t, const struct revision *r);
/* The member `evidence` of the document: hashes of lines and the name of the packets' file. */
void traces_write(struct text *out, const struct traces *t, const struct revision *r);
void traces_free(struct traces *t);

#endif
