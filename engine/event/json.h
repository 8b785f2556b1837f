/* json - an event as one line of flat JSON (design.md section 4). */
#ifndef EVENT_JSON_H
#define EVENT_JSON_H

#include "base/intern.h"
#include "base/uid.h"
#include "tocsin/draft.h"

/* Bytes that are surely enough for the event's text. */
size_t toc_json_bound(const struct toc_event *ev, const struct toc_intern *names);

/* The same of a draft that is not sealed yet: _bound looks at each field, _room is larger and costs nothing. */
size_t toc_json_draft_room(const struct toc_draft *d, const struct toc_intern *names);
size_t toc_json_draft_bound(const struct toc_draft *d, const struct toc_intern *names);

/*
 * Writes {"event":"dns","ts":1700000000.123456,"uid":"C…",… without the closing brace (identity's fields may follow).
 * out has toc_json_bound bytes. Returns the length. Strings that are not UTF-8 are written byte for byte as
 * Latin-1 code points; control characters are escaped.
 */
size_t toc_json_event(const struct toc_event *ev, const struct toc_intern *names, char *out);

/* Appends ,"name":value for each field of a record (identity's side record). Same bound. */
size_t toc_json_fields(const struct toc_event *ev, const struct toc_intern *names, char *out);

/* One JSON string literal with quotes, by the same rules; out needs 6 * n + 2. Returns the length. */
size_t toc_json_string(struct toc_span s, char *out);

#endif
