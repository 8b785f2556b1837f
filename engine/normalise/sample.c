/* sample - running the samples that normalisers carry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "normalise/normaliser.h"

struct catcher {
	struct toc_emit emit;
	struct toc_draft *draft; /* what came; NULL: nothing */
};

static void catch_event(struct toc_emit *self, struct toc_draft *d)
{
	((struct catcher *)self)->draft = d;
}

/* The text of a field as a sample writes it. */
static size_t slot_text(const struct toc_draft *d, const struct toc_slot *s, char *out, size_t room)
{
	struct toc_mac mac;
	struct toc_addr a;
	switch (s->type) {
	case TOC_STRING:
		return (size_t)snprintf(out, room, "%.*s", (int)s->len, (const char *)d->heap + s->bits);
	case TOC_UINT:
		return (size_t)snprintf(out, room, "%llu", (unsigned long long)s->bits);
	case TOC_INT:
		return (size_t)snprintf(out, room, "%lld", (long long)s->bits);
	case TOC_DURATION:
		return (size_t)snprintf(out, room, "%lld", (long long)s->bits / TOC_SEC);
	case TOC_BOOL:
		return (size_t)snprintf(out, room, "%s", s->bits ? "true" : "false");
	case TOC_MAC:
		memcpy(mac.b, &s->bits, 6);
		return toc_mac_print(&mac, out);
	case TOC_IP:
		a = s->len == 4 ? toc_addr_v4((const uint8_t *)&s->bits) : toc_addr_v6(d->heap + s->bits);
		return toc_addr_print(&a, out);
	default:
		return (size_t)snprintf(out, room, "?");
	}
}

/* A list's elements, a comma between two. */
static void list_text(const struct toc_draft *d, const struct toc_slot *s, char *out, size_t room)
{
	const struct toc_slot *items = (const struct toc_slot *)(const void *)(d->heap + s->bits);
	size_t n = 0;
	*out = 0;
	for (uint32_t i = 0; i < s->len && n + 2 < room; i++) {
		n += (size_t)snprintf(out + n, room - n, "%s", i ? ", " : "");
		size_t more = n < room ? slot_text(d, &items[i], out + n, room - n) : 0;
		n += more < room - n ? more : room - n;
	}
}

/* What the event says of a name; NULL = unset. "kind" is its kind. */
static const char *said(const struct toc_normalisers *n, struct toc_draft *d, const char *name, char *out, size_t room)
{
	if (strcmp(name, "kind") == 0)
		return toc_intern_name(n->names, d->head.kind);
	for (unsigned i = 0; i < d->head.nslots; i++)
		if (strcmp(toc_intern_name(n->names, d->slots[i].id), name) == 0) {
			if (d->slots[i].list)
				list_text(d, &d->slots[i], out, room);
			else
				slot_text(d, &d->slots[i], out, room);
			return out;
		}
	return NULL;
}

static bool check_field(const struct toc_normalisers *n, struct toc_draft *d, const struct toc_yaml_pair *want,
			struct toc_diag *diag)
{
	char text[4096];
	const char *got = d ? said(n, d, toc_yaml_str(want->key), text, sizeof(text)) : NULL;
	const char *expected = toc_yaml_is_null(want->value) ? NULL : toc_yaml_str(want->value);
	if ((!got && !expected) || (got && expected && strcmp(got, expected) == 0))
		return true;
	toc_diag_add(diag, TOC_ERROR, want->key->at, "%s: expected %s, got %s", toc_yaml_str(want->key),
		     expected ? expected : "nothing", got ? got : "nothing");
	return false;
}

static bool run_one(const struct toc_normalisers *n, struct toc_lines *lines, struct catcher *c,
		    const struct toc_yaml *sample, struct toc_diag *diag)
{
	static const char *const keys[] = { "line", "fields", NULL };
	const struct toc_yaml *line = toc_yaml_get(sample, "line"), *fields = toc_yaml_get(sample, "fields");
	bool ok = true;
	toc_yaml_only(sample, keys, "a sample", diag);
	if (!toc_yaml_str(line) || !fields || fields->kind != TOC_YAML_MAP || fields->n == 0) {
		toc_diag_add(diag, TOC_ERROR, sample->at, "a sample has a line and the fields that come of it");
		return false;
	}
	const struct toc_line in = { .text = line->text, .ordinal = 1 };
	c->draft = NULL;
	toc_lines_take(lines, &in);
	for (unsigned i = 0; i < fields->n; i++)
		ok = check_field(n, c->draft, &fields->as.pairs[i], diag) && ok;
	return ok;
}

void toc_normalisers_test(const struct toc_normalisers *n, struct toc_diag *diag, unsigned *passed, unsigned *failed)
{
	struct catcher c = { { catch_event }, NULL };
	const struct toc_hash_key key = { 1, 2 };
	/* a fixed "now": samples mean the same on every day */
	const struct toc_lines_config config = { .stored = true, .received_at = INT64_C(1775000000) * TOC_SEC };
	struct toc_lines *lines = toc_lines_new(&config, n, &key, &c.emit);
	if (!lines)
		abort();
	for (unsigned i = 0; i < n->n; i++) {
		const struct toc_yaml *samples = toc_yaml_get(n->all[i].root, "samples");
		if (!samples || samples->kind != TOC_YAML_LIST)
			toc_diag_add(diag, TOC_WARNING, n->all[i].root->at, "the normaliser %s has no samples",
				     n->all[i].name);
		for (unsigned k = 0; samples && samples->kind == TOC_YAML_LIST && k < samples->n; k++)
			++*(run_one(n, lines, &c, samples->as.items[k], diag) ? passed : failed);
	}
	toc_lines_free(lines);
}
