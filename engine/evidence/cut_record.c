/* cut_record - a cut as the document that is kept, and back. */
#include <bson/bson.h>
#include <stdlib.h>

#include "evidence/cut.h"
#include "evidence/pcapng.h"
#include "tocsin/digest.h"

static void hex_digest(struct toc_span bytes, char out[65])
{
	uint8_t digest[32];
	toc_sha256(bytes, digest);
	toc_hex(digest, sizeof(digest), out);
	out[64] = '\0';
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int by_time(const void *a, const void *b)
{
	struct packet_record x, y;
	memcpy(&x, *(const uint8_t *const *)a, sizeof(x));
	memcpy(&y, *(const uint8_t *const *)b, sizeof(y));
	if (x.ts != y.ts)
		return x.ts < y.ts ? -1 : 1;
	return x.ordinal < y.ordinal ? -1 : x.ordinal > y.ordinal;
}

/* In the order of their times: workers' blocks lie side by side. Payload is for the rule that asked. */
static void write_packets(const struct cut *c, struct text *out)
{
	const uint8_t *sorted[CUT_PACKETS], *at = (const uint8_t *)c->packets.p;
	struct pcapng file;
	for (unsigned i = 0; i < c->npackets; i++) {
		struct packet_record r;
		sorted[i] = at;
		memcpy(&r, at, sizeof(r));
		at += r.size;
	}
	qsort(sorted, c->npackets, sizeof(sorted[0]), by_time);
	pcapng_begin(&file, out);
	for (unsigned i = 0; i < c->npackets; i++) {
		struct packet_record r;
		memcpy(&r, sorted[i], sizeof(r));
		const uint32_t payload = r.n - r.headers, most = c->evidence.payload;
		pcapng_put(&file, &r, sorted[i] + sizeof(r), r.headers + (payload < most ? payload : most));
	}
}

static void put_lines(bson_t *b, const struct cut *c)
{
	bson_t list, one;
	BSON_APPEND_ARRAY_BEGIN(b, "lines", &list);
	for (unsigned i = 0; i < c->nlines; i++) {
		const struct cut_line *line = &c->line[i];
		char room[16];
		const char *key;
		bson_uint32_to_string(i, &key, room, sizeof(room));
		bson_append_document_begin(&list, key, -1, &one);
		BSON_APPEND_INT64(&one, "ts", line->ts);
		/* any bytes may stand in a line */
		BSON_APPEND_BINARY(&one, "text", BSON_SUBTYPE_BINARY, (const uint8_t *)c->lines.p + line->at,
				   (uint32_t)line->n);
		BSON_APPEND_UTF8(&one, "sha256", line->sha256);
		BSON_APPEND_BOOL(&one, "cut", line->cut);
		bson_append_document_end(&list, &one);
	}
	bson_append_array_end(b, &list);
}

static void put_packets(bson_t *b, const struct cut *c)
{
	struct text file = { 0 };
	char digest[65];
	write_packets(c, &file);
	hex_digest(toc_span_of(file.p, file.n), digest);
	BSON_APPEND_INT32(b, "packets", (int32_t)c->npackets);
	BSON_APPEND_INT32(b, "left_out", (int32_t)c->left_out);
	BSON_APPEND_BINARY(b, "pcapng", BSON_SUBTYPE_BINARY, (const uint8_t *)file.p, (uint32_t)file.n);
	BSON_APPEND_UTF8(b, "sha256", digest);
	text_free(&file);
}

void cut_write(struct cut *c, const char *sensor, const char *missing, struct text *out)
{
	bson_t b;
	bson_init(&b);
	BSON_APPEND_INT32(&b, "v", 1);
	BSON_APPEND_UTF8(&b, "id", c->id);
	BSON_APPEND_INT32(&b, "rev", (int32_t)c->revision);
	BSON_APPEND_UTF8(&b, "rule", c->rule);
	BSON_APPEND_UTF8(&b, "sensor", sensor);
	BSON_APPEND_INT64(&b, "at", c->at);
	BSON_APPEND_INT64(&b, "from", c->from);
	BSON_APPEND_INT64(&b, "to", c->to);
	put_lines(&b, c);
	if (c->npackets)
		put_packets(&b, c);
	else
		BSON_APPEND_UTF8(&b, "missing", missing);
	text_put(out, toc_span_of(bson_get_data(&b), b.len));
	bson_destroy(&b);
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct toc_span bytes_of(bson_iter_t *it)
{
	const uint8_t *bytes = NULL;
	uint32_t n = 0;
	bson_subtype_t type;
	if (BSON_ITER_HOLDS_BINARY(it))
		bson_iter_binary(it, &type, &n, &bytes);
	return toc_span_of(bytes, n);
}

static bool has_digest(struct toc_span bytes, const char *digest)
{
	char real[65];
	hex_digest(bytes, real);
	return strcmp(real, digest) == 0;
}

static const char *text_of(bson_iter_t *it)
{
	return BSON_ITER_HOLDS_UTF8(it) ? bson_iter_utf8(it, NULL) : "";
}

static void read_line(bson_iter_t *it, struct cut_record *out)
{
	const unsigned i = out->nlines;
	out->line[i].sha256 = "";
	while (bson_iter_next(it)) {
		const char *key = bson_iter_key(it);
		if (strcmp(key, "ts") == 0)
			out->line[i].ts = bson_iter_as_int64(it);
		else if (strcmp(key, "text") == 0)
			out->line[i].text = bytes_of(it);
		else if (strcmp(key, "sha256") == 0)
			out->line[i].sha256 = text_of(it);
		else if (strcmp(key, "cut") == 0)
			out->line[i].cut = bson_iter_as_bool(it);
	}
	out->line[i].whole = has_digest(out->line[i].text, out->line[i].sha256);
	out->nlines++;
}

static void read_lines(bson_iter_t *list, struct cut_record *out)
{
	bson_iter_t item, one;
	if (!BSON_ITER_HOLDS_ARRAY(list) || !bson_iter_recurse(list, &item))
		return;
	while (bson_iter_next(&item) && out->nlines < CUT_TRACES)
		if (BSON_ITER_HOLDS_DOCUMENT(&item) && bson_iter_recurse(&item, &one))
			read_line(&one, out);
}

static bool read_text(const char *key, bson_iter_t *it, struct cut_record *out)
{
	const struct {
		const char *key, **into;
	} texts[] = { { "id", &out->id },
		      { "rule", &out->rule },
		      { "sensor", &out->sensor },
		      { "missing", &out->missing },
		      { "sha256", &out->sha256 } };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (strcmp(texts[i].key, key) != 0)
			continue;
		*texts[i].into = text_of(it);
		return true;
	}
	return false;
}

static void read_number(const char *key, bson_iter_t *it, struct cut_record *out)
{
	const int64_t value = bson_iter_as_int64(it);
	if (strcmp(key, "rev") == 0)
		out->revision = (unsigned)value;
	else if (strcmp(key, "at") == 0)
		out->at = value;
	else if (strcmp(key, "from") == 0)
		out->from = value;
	else if (strcmp(key, "to") == 0)
		out->to = value;
	else if (strcmp(key, "packets") == 0)
		out->npackets = (unsigned)value;
	else if (strcmp(key, "left_out") == 0)
		out->left_out = (unsigned)value;
}

bool cut_read(const uint8_t *bson, uint32_t n, struct cut_record *out)
{
	bson_t b;
	bson_iter_t it;
	*out = (struct cut_record){ .id = "", .rule = "", .sensor = "", .missing = "", .sha256 = "" };
	if (!bson_init_static(&b, bson, n) || !bson_iter_init(&it, &b))
		return false;
	while (bson_iter_next(&it)) {
		const char *key = bson_iter_key(&it);
		if (read_text(key, &it, out))
			continue;
		if (strcmp(key, "lines") == 0)
			read_lines(&it, out);
		else if (strcmp(key, "pcapng") == 0)
			out->pcapng = bytes_of(&it);
		else
			read_number(key, &it, out);
	}
	out->whole = !out->pcapng.n || has_digest(out->pcapng, out->sha256);
	return out->id[0] != '\0';
}
