/* mirror - is what comes on an interface a good mirror: counts of its frames, and a verdict a line. */
#ifndef APP_MIRROR_H
#define APP_MIRROR_H

#include "app/survey.h"
#include "app/worker.h"

/* Looks at each frame on its way to a worker. */
struct toc_mirror {
	struct toc_source source; /* first: the worker is given this */
	struct toc_source *from;
	uint32_t longest; /* a frame of an unchanged packet, with its link header and two tags */
	uint64_t frames, bytes, cut, joined, group;
	toc_time first, last;
	int64_t second;			  /* that is being counted */
	uint64_t now_frames, now_bytes;	  /* in it */
	uint64_t peak_frames, peak_bytes; /* in the fullest second */
};

/* mtu: of the interface; 0 = Ethernet's. Owned by the caller; the worker is not running yet. */
void toc_mirror_watch(struct toc_mirror *m, struct toc_worker *worker, uint32_t mtu);

/* What a sensor that listened knows; flat, as the survey's result is. */
struct toc_heard {
	uint64_t frames, bytes, cut, joined, group, peak_frames, peak_bytes;
	uint32_t longest;
	toc_time lasted;
	uint64_t duplicates;  /* frames that came twice within 3 ms */
	uint64_t kernel_lost; /* of frames, for want of room in the ring */
	uint64_t card_lost;   /* by the card, before the kernel */
	bool live, joins;     /* joins: the card has GRO or LRO on */
	uint32_t mbps;	      /* of the link; 0 = unknown */
	struct toc_survey_result found;
};

/* What the worker counted; after it has ended. */
void toc_mirror_heard(const struct toc_mirror *m, const struct toc_worker *worker, struct toc_heard *out);

struct toc_verdict {
	bool bad;
	char words[256];
};
enum { TOC_VERDICTS = 9 };

/* In the order in which one mends them, without words where there is none; interface: for advice. Returns how many are
 * bad. */
unsigned toc_mirror_judge(const struct toc_heard *h, const char *interface, struct toc_verdict out[TOC_VERDICTS]);

/* Is so much mirrored twice that the configuration should drop the copies? */
bool toc_mirror_twice(const struct toc_heard *h);

#endif
