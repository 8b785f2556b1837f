/* record - one revision of an alert as BSON: the journal's records, made and read. */
#include "deliver/record.h"

#include <bson/bson.h>
#include <stdio.h>
#include <stdlib.h>

#include "deliver/segment.h"

struct toc_record {
	bson_t *bson; /* its own: it is aligned to 128 bytes */
	bool fits;
};

static void join_routes(const char *const *routes, char *out, size_t n)
{
	size_t at = 0;
	out[0] = '\0';
	for (; *routes && at < n; routes++)
		at += (size_t)snprintf(out + at, n - at, "%s%s", at ? "," : "", *routes);
}

static void put_copies(bson_t *b, const struct toc_alert *a)
{
	bson_t list, one;
	char routes[1024], index[16];
	const char *key;
	if (!a->ncopies)
		return;
	BSON_APPEND_ARRAY_BEGIN(b, "copies", &list);
	for (unsigned i = 0; i < a->ncopies && i + 1 < TOC_JOURNAL_COPIES; i++) {
		bson_uint32_to_string(i, &key, index, sizeof(index));
		join_routes(a->copies[i].routes, routes, sizeof(routes));
		BSON_APPEND_DOCUMENT_BEGIN(&list, key, &one);
		BSON_APPEND_UTF8(&one, "routes", routes);
		bson_append_utf8(&one, "json", 4, (const char *)a->copies[i].json.p, (int)a->copies[i].json.n);
		bson_append_document_end(&list, &one);
	}
	bson_append_array_end(b, &list);
}

static size_t bytes_to_keep(const struct toc_alert *a)
{
	size_t n = a->json.n + a->sealed.n;
	for (unsigned i = 0; i < a->ncopies; i++)
		n += a->copies[i].json.n;
	return n;
}

static void to_bson(bson_t *b, const struct toc_alert *a)
{
	char routes[1024];
	join_routes(a->routes, routes, sizeof(routes));
	BSON_APPEND_INT32(b, "v", 1);
	BSON_APPEND_UTF8(b, "id", a->id);
	BSON_APPEND_INT32(b, "rev", (int32_t)a->revision);
	BSON_APPEND_INT32(b, "state", (int32_t)a->state);
	BSON_APPEND_INT32(b, "sev", (int32_t)a->severity);
	BSON_APPEND_INT64(b, "at", a->at);
	BSON_APPEND_UTF8(b, "rule", a->rule);
	BSON_APPEND_UTF8(b, "routes", routes);
	bson_append_utf8(b, "json", 4, (const char *)a->json.p, (int)a->json.n);
	put_copies(b, a);
	if (a->sealed.n) {
		BSON_APPEND_INT32(b, "year", (int32_t)a->school_year);
		BSON_APPEND_BINARY(b, "sealed", BSON_SUBTYPE_BINARY, a->sealed.p, (uint32_t)a->sealed.n);
	}
}

struct toc_record *toc_record_new(const struct toc_alert *alert)
{
	struct toc_record *r = malloc(sizeof(*r));
	if (!r)
		abort();
	r->bson = bson_new();
	r->fits = bytes_to_keep(alert) < TOC_RECORD_MOST - 65536;
	if (r->fits)
		to_bson(r->bson, alert);
	return r;
}

struct toc_span toc_record_bytes(const struct toc_record *r)
{
	return r->fits ? toc_span_of(bson_get_data(r->bson), r->bson->len) : toc_span_of("", 0);
}

void toc_record_free(struct toc_record *r)
{
	if (r)
		bson_destroy(r->bson);
	free(r);
}

static struct toc_span span_of(bson_iter_t *it)
{
	uint32_t length = 0;
	const char *text = BSON_ITER_HOLDS_UTF8(it) ? bson_iter_utf8(it, &length) : "";
	return toc_span_of(text, length);
}

static void read_copy(bson_iter_t *it, struct toc_journal_copy *out)
{
	*out = (struct toc_journal_copy){ .routes = "" };
	while (bson_iter_next(it)) {
		if (strcmp(bson_iter_key(it), "routes") == 0 && BSON_ITER_HOLDS_UTF8(it))
			out->routes = bson_iter_utf8(it, NULL);
		else if (strcmp(bson_iter_key(it), "json") == 0)
			out->json = span_of(it);
	}
}

static void read_copies(bson_iter_t *list, struct toc_journal_record *out)
{
	bson_iter_t item, one;
	if (!BSON_ITER_HOLDS_ARRAY(list) || !bson_iter_recurse(list, &item))
		return;
	while (bson_iter_next(&item) && out->ncopies < TOC_JOURNAL_COPIES)
		if (BSON_ITER_HOLDS_DOCUMENT(&item) && bson_iter_recurse(&item, &one))
			read_copy(&one, &out->copies[out->ncopies++]);
}

static void read_sealed(bson_iter_t *it, struct toc_journal_record *out)
{
	uint32_t length = 0;
	const uint8_t *bytes = NULL;
	bson_subtype_t type;
	if (!BSON_ITER_HOLDS_BINARY(it))
		return;
	bson_iter_binary(it, &type, &length, &bytes);
	out->sealed = toc_span_of(bytes, length);
}

bool toc_record_read(const uint8_t *bytes, uint32_t n, struct toc_journal_record *out)
{
	bson_t b;
	bson_iter_t it;
	if (!bson_init_static(&b, bytes, n) || !bson_iter_init(&it, &b))
		return false;
	out->id = out->rule = "";
	out->copies[0].routes = "";
	out->ncopies = 1;
	while (bson_iter_next(&it)) {
		const char *key = bson_iter_key(&it);
		if (strcmp(key, "id") == 0 && BSON_ITER_HOLDS_UTF8(&it))
			out->id = bson_iter_utf8(&it, NULL);
		else if (strcmp(key, "rule") == 0 && BSON_ITER_HOLDS_UTF8(&it))
			out->rule = bson_iter_utf8(&it, NULL);
		else if (strcmp(key, "routes") == 0 && BSON_ITER_HOLDS_UTF8(&it))
			out->copies[0].routes = bson_iter_utf8(&it, NULL);
		else if (strcmp(key, "rev") == 0)
			out->revision = (uint32_t)bson_iter_as_int64(&it);
		else if (strcmp(key, "state") == 0)
			out->state = (enum toc_alert_state)bson_iter_as_int64(&it);
		else if (strcmp(key, "sev") == 0)
			out->severity = (unsigned)bson_iter_as_int64(&it);
		else if (strcmp(key, "at") == 0)
			out->at = bson_iter_as_int64(&it);
		else if (strcmp(key, "json") == 0)
			out->copies[0].json = span_of(&it);
		else if (strcmp(key, "copies") == 0)
			read_copies(&it, out);
		else if (strcmp(key, "sealed") == 0)
			read_sealed(&it, out);
		else if (strcmp(key, "year") == 0)
			out->school_year = (unsigned)bson_iter_as_int64(&it);
	}
	return out->id[0] && out->copies[0].json.n && out->state >= TOC_ALERT_OPEN && out->state <= TOC_ALERT_CLOSE;
}
