/* text - a growing buffer for documents and sentences; JSON is written piece by piece. */
#ifndef ALERT_TEXT_H
#define ALERT_TEXT_H

#include "tocsin/span.h"
#include "tocsin/time.h"

struct text {
	char *p;
	size_t n, room;
};

/* All of these abort when memory is out: a document is bounded by its evidence. */
char *text_room(struct text *t, size_t n);
void text_put(struct text *t, struct toc_span s);
void text_puts(struct text *t, const char *s);
void text_printf(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_clear(struct text *t);
void text_free(struct text *t);

/* JSON: a comma where one is needed, the name, then the value. Strings may hold any bytes. */
void json_name(struct text *t, const char *name);
void json_string(struct text *t, struct toc_span s);
void json_put(struct text *t, const char *name, struct toc_span value);
void json_puts(struct text *t, const char *name, const char *value); /* NULL: nothing is written */
void json_number(struct text *t, const char *name, uint64_t value);
void json_list(struct text *t, const char *name, const char *const *values); /* NULL or empty: nothing */

enum { TIME_TEXT = 40 };
/* "2026-03-02T08:00:03.250000Z". */
size_t time_text(toc_time at, char out[TIME_TEXT]);
/* "08:00:03". */
size_t clock_text(toc_time at, char out[TIME_TEXT]);

#endif
