/* snapshot_head - what a snapshot begins with, and documents read as a stranger may have written them (bsonspec.org).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "correlate/snapshot.h"
#include "tocsin/digest.h"

enum { HEAD_MOST = 4096 };

/* Adding a hundred years to a time must not overflow. */
bool snapshot_time_is_sound(toc_time t)
{
	return t >= -(INT64_C(1) << 60) && t <= INT64_MAX / 2;
}

const struct snapshot_form snapshot_correlations = { "correlations", 3 };

uint8_t *snapshot_seal(const struct snapshot_form *form, struct toc_span body, size_t *n)
{
	uint8_t digest[32];
	bson_t head = BSON_INITIALIZER;
	toc_sha256(body, digest);
	BSON_APPEND_UTF8(&head, "tocsin", form->name);
	BSON_APPEND_INT32(&head, "version", form->version);
	BSON_APPEND_BINARY(&head, "sha256", BSON_SUBTYPE_BINARY, digest, sizeof(digest));
	BSON_APPEND_INT64(&head, "bytes", (int64_t)body.n);
	uint8_t *out = malloc(head.len + body.n);
	if (out) {
		memcpy(out, bson_get_data(&head), head.len);
		memcpy(out + head.len, body.p, body.n);
		*n = head.len + body.n;
	}
	bson_destroy(&head);
	return out;
}

bool snapshot_open(const struct snapshot_form *form, struct toc_span bytes, struct toc_span *body, const char **what)
{
	uint8_t digest[32];
	struct toc_span rest = bytes;
	struct document head = document_next(&rest);
	const bool ours = bytes.n - rest.n <= HEAD_MOST && toc_span_is(document_text(&head, "tocsin"), form->name);
	*what = "this is no snapshot of what is read here";
	if (!ours)
		return false;
	const int64_t version = document_int(&head, "version");
	*what = "the snapshot is of another version";
	if (!head.bad && version != form->version)
		return false;
	const struct toc_span sha256 = document_bytes(&head, "sha256");
	const int64_t n = document_int(&head, "bytes");
	*what = "the snapshot is damaged";
	if (head.bad || sha256.n != sizeof(digest) || n < 0 || (uint64_t)n > rest.n)
		return false;
	*body = toc_span_first(rest, (size_t)n); /* a file may be longer than what was written last */
	toc_sha256(*body, digest);
	return memcmp(digest, sha256.p, sizeof(digest)) == 0;
}

void snapshot_rows(bson_t *doc, const char *name, struct packed *rows, struct packed *out)
{
	if (rows->failed || rows->n > INT32_MAX / 2)
		out->failed = true;
	else
		bson_append_binary(doc, name, -1, BSON_SUBTYPE_BINARY, rows->p ? rows->p : (const uint8_t *)"",
				   (uint32_t)rows->n);
	rows->n = 0;
}

void snapshot_put(struct packed *out, bson_t *doc)
{
	pack(out, bson_get_data(doc), doc->len);
	bson_reinit(doc);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct document document_next(struct toc_span *rest)
{
	struct toc_cursor c = toc_cursor_of(*rest);
	const uint32_t n = toc_le32(&c);
	bson_iter_t it;
	struct document d = { toc_span_first(*rest, n), c.bad || n > rest->n || n > INT32_MAX, 0 };
	d.bad = d.bad || !document_iter(&d, &it);
	*rest = d.bad ? *rest : toc_span_from(*rest, n);
	return d;
}

bool document_iter(const struct document *d, bson_iter_t *it)
{
	return !d->bad && bson_iter_init_from_data(it, d->bytes.p, d->bytes.n);
}

static bool look_up(const struct document *d, const char *name, bson_iter_t *it)
{
	return document_iter(d, it) && bson_iter_find(it, name);
}

/* The element, if it is there and of the type. */
static bool find(struct document *d, const char *name, bson_type_t type, bson_iter_t *it)
{
	d->bad = d->bad || !look_up(d, name, it) || bson_iter_type(it) != type;
	return !d->bad;
}

bool document_has(const struct document *d, const char *name)
{
	bson_iter_t it;
	return look_up(d, name, &it);
}

struct document document_below(struct document *d, const char *name)
{
	struct document below = { .bad = true };
	bson_iter_t it, first;
	const uint8_t *p = NULL;
	uint32_t n = 0;
	if (!look_up(d, name, &it))
		return below;
	if (BSON_ITER_HOLDS_DOCUMENT(&it))
		bson_iter_document(&it, &n, &p);
	else if (BSON_ITER_HOLDS_ARRAY(&it))
		bson_iter_array(&it, &n, &p);
	if (p)
		below = (struct document){ toc_span_of(p, n), false, d->moved };
	below.bad = !document_iter(&below, &first);
	return below;
}

int64_t document_int(struct document *d, const char *name)
{
	bson_iter_t it;
	if (look_up(d, name, &it) && BSON_ITER_HOLDS_INT32(&it))
		return bson_iter_int32(&it);
	return find(d, name, BSON_TYPE_INT64, &it) ? bson_iter_int64(&it) : 0;
}

bool document_bool(struct document *d, const char *name)
{
	bson_iter_t it;
	return find(d, name, BSON_TYPE_BOOL, &it) && bson_iter_bool(&it);
}

double document_double(struct document *d, const char *name)
{
	bson_iter_t it;
	const double v = find(d, name, BSON_TYPE_DOUBLE, &it) ? bson_iter_double(&it) : 0;
	d->bad = d->bad || !isfinite(v);
	return d->bad ? 0 : v;
}

struct toc_span document_text(struct document *d, const char *name)
{
	bson_iter_t it;
	uint32_t n = 0;
	const char *p = find(d, name, BSON_TYPE_UTF8, &it) ? bson_iter_utf8(&it, &n) : "";
	return toc_span_of(p, n);
}

struct toc_span document_bytes(struct document *d, const char *name)
{
	bson_iter_t it;
	bson_subtype_t subtype = BSON_SUBTYPE_BINARY;
	const uint8_t *p = NULL;
	uint32_t n = 0;
	if (find(d, name, BSON_TYPE_BINARY, &it))
		bson_iter_binary(&it, &subtype, &n, &p);
	d->bad = d->bad || !p || subtype != BSON_SUBTYPE_BINARY;
	return d->bad ? toc_span_of("", 0) : toc_span_of(p, n);
}

uint32_t document_count(struct document *d, const char *name)
{
	const int64_t n = document_int(d, name);
	d->bad = d->bad || n < 0 || n > INT32_MAX;
	return d->bad ? 0 : (uint32_t)n;
}

toc_time document_time(struct document *d, const char *name, toc_time or_this)
{
	const toc_time t = document_int(d, name);
	d->bad = d->bad || !(snapshot_time_is_sound(t) || (or_this && t == or_this));
	return d->bad ? 0 : t == or_this ? t : t + d->moved;
}
