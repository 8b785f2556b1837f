/* record - JSON to drafts, by the dictionary's types. */
#include "event/record.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json_reader.h"
#include "base/typed.h"

enum { ROOM = 65536, IDS = 65536 };

struct toc_records {
	const struct toc_dictionary *dictionary;
	const struct toc_intern *names;
	struct toc_emit *emit;
	toc_time at;
	uint64_t lines;
	struct toc_record_counters count;
	struct toc_draft draft;
	toc_field map[IDS]; /* every id is its own index */
	uint8_t room[ROOM];
};

struct toc_records *toc_records_new(const struct toc_dictionary *dictionary, const struct toc_intern *names,
				    struct toc_emit *emit)
{
	struct toc_records *r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->dictionary = dictionary;
	r->names = names;
	r->emit = emit;
	for (unsigned i = 0; i < IDS; i++)
		r->map[i] = (toc_field)i;
	return r;
}

void toc_records_free(struct toc_records *r)
{
	free(r);
}

bool toc_records_begin(struct toc_span first)
{
	struct toc_json j = toc_json_begin(first, NULL, 0);
	struct toc_span name, text;
	return toc_json_value(&j, &text) == TOC_JSON_OBJECT && toc_json_name(&j, &name) && toc_span_is(name, "event");
}

static void leave_out(struct toc_records *r, struct toc_span name)
{
	if (r->count.left_out++ == 0)
		snprintf(r->count.left_field, sizeof(r->count.left_field), "%.*s", (int)(name.n < 63 ? name.n : 63),
			 (const char *)name.p);
}

/* Of this kind, or of identity, whose fields stand beside any. */
static const struct toc_field_decl *declaration(const struct toc_records *r, struct toc_span name, toc_field *id)
{
	*id = toc_intern_find(r->names, name);
	const struct toc_field_decl *d = *id ? toc_dictionary_field(r->dictionary, r->draft.head.kind, *id) : NULL;
	return d || !*id ? d : toc_dictionary_field(r->dictionary, 0, *id);
}

static void read_list(struct toc_records *r, struct toc_json *j, struct toc_span name,
		      const struct toc_field_decl *decl, toc_field id)
{
	struct toc_span text;
	if (decl && decl->list)
		toc_list_open(&r->draft, id, decl->type);
	while (toc_json_item(j)) {
		enum toc_json_kind kind = toc_json_value(j, &text);
		if (kind == TOC_JSON_OBJECT || kind == TOC_JSON_ARRAY)
			toc_json_leave(j);
		else if (!decl || !decl->list || !toc_list_typed(&r->draft, id, decl->type, text))
			leave_out(r, name);
	}
}

/* Base 62 behind a "C", as toc_uid_print writes it. */
static uint64_t read_uid(struct toc_span text)
{
	static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t v = 0;
	for (size_t i = 1; i < text.n && i < 13; i++) {
		const char *d = text.p[i] ? strchr(digits, text.p[i]) : NULL;
		v = v * 62 + (uint64_t)(d ? d - digits : 0);
	}
	return v;
}

static void read_member(struct toc_records *r, struct toc_json *j, struct toc_span name)
{
	struct toc_span text;
	toc_field id;
	const struct toc_field_decl *decl = declaration(r, name, &id);
	enum toc_json_kind kind = toc_json_value(j, &text);
	if (toc_span_is(name, "event")) {
		r->draft.head.kind = toc_intern_find(r->names, text);
	} else if (toc_span_is(name, "ts")) {
		if (!toc_seconds_parse(text, &r->draft.head.ts))
			leave_out(r, name);
	} else if (toc_span_is(name, "uid") && kind == TOC_JSON_STRING) {
		r->draft.head.uid = read_uid(text);
	} else if (kind == TOC_JSON_ARRAY) {
		read_list(r, j, name, decl, id);
	} else if (kind == TOC_JSON_OBJECT) {
		toc_json_leave(j);
		leave_out(r, name);
	} else if (kind != TOC_JSON_NULL && kind != TOC_JSON_BAD) {
		/* text where a number is declared: a product's own odd value, kept as it was */
		if (decl && !decl->list && !toc_put_typed(&r->draft, id, decl->type, text))
			toc_put_str(&r->draft, id, text);
		else if (!decl || decl->list)
			leave_out(r, name);
	}
}

/* The kind stands first in what `--events` prints; elsewhere it is looked for ahead, since types depend on it. */
static toc_field find_kind(struct toc_records *r, struct toc_span line)
{
	struct toc_json j = toc_json_begin(line, r->room, ROOM);
	struct toc_span name, text;
	if (toc_json_value(&j, &text) != TOC_JSON_OBJECT)
		return 0;
	while (toc_json_name(&j, &name)) {
		enum toc_json_kind kind = toc_json_value(&j, &text);
		if (kind == TOC_JSON_STRING && toc_span_is(name, "event"))
			return toc_intern_find(r->names, text);
		if (kind == TOC_JSON_OBJECT || kind == TOC_JSON_ARRAY)
			toc_json_leave(&j);
	}
	return 0;
}

static bool read_event(struct toc_records *r, struct toc_span line)
{
	toc_field kind = find_kind(r, line);
	struct toc_span name, text;
	if (!kind || !toc_dictionary_kind(r->dictionary, kind))
		return false;
	toc_draft_begin(&r->draft, r->map, kind);
	struct toc_json j = toc_json_begin(line, r->room, ROOM);
	toc_json_value(&j, &text);
	while (toc_json_name(&j, &name))
		read_member(r, &j, name);
	return toc_json_ended(&j) && r->draft.head.kind == kind;
}

bool toc_records_take(struct toc_records *r, struct toc_span line, uint64_t ordinal)
{
	r->lines++;
	if (line.n == 0)
		return true;
	if (!read_event(r, line)) {
		if (r->count.bad++ == 0)
			r->count.bad_line = r->lines;
		return false;
	}
	struct toc_event *head = &r->draft.head;
	r->at = head->ts > r->at ? head->ts : r->at;
	head->at = r->at;
	head->ordinal = ordinal;
	head->flags |= TOC_EVENT_STORED;
	r->count.events++;
	r->emit->event(r->emit, &r->draft);
	return true;
}

toc_time toc_records_at(const struct toc_records *r)
{
	return r->at;
}

const struct toc_record_counters *toc_records_count(const struct toc_records *r)
{
	return &r->count;
}
