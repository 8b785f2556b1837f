/* identities - one entry for each (address, device, user, statement) that identity put beside the evidence. */
#include <stdlib.h>

#include "alert/episode.h"
#include "event/value.h"
#include "identity/identity.h"

enum { IDENTITIES = 8 };

static const char *const prefix[TOC_IDENTITY_ENDS] = { "src", "dst" };

/* A field of that end, of the record that has identity's fields. */
static size_t end_value(const struct revision *r, const struct toc_event *ev, unsigned end, const char *what,
			char out[TOC_KEY_TEXT])
{
	char field[32];
	const char *const names[] = { field, NULL };
	snprintf(field, sizeof(field), "%s_%s", prefix[end], what);
	return revision_value(r, ev, names, out);
}

/* The address that identity was asked about; 0: none. */
static size_t address(const struct revision *r, const struct toc_event *ev, unsigned end, char out[TOC_KEY_TEXT])
{
	struct toc_addr a;
	for (const char *const *name = toc_identity_addresses[end]; *name; name++) {
		const char *const one[] = { *name, NULL };
		size_t n = revision_value(r, ev, one, out);
		if (n && toc_addr_parse(toc_span_of(out, n), &a))
			return n;
	}
	return 0;
}

static void put_since(struct text *t, const struct revision *r, const struct toc_event *ev, unsigned end)
{
	char field[32], text[TIME_TEXT];
	snprintf(field, sizeof(field), "%s_since", prefix[end]);
	const toc_field id = toc_intern_find(r->names, toc_span_str(field));
	struct toc_value v = id ? toc_event_get(ev, id) : (struct toc_value){ .type = TOC_NONE };
	if (v.type == TOC_TIME && !v.list)
		json_put(t, "valid_from", toc_span_of(text, time_text(v.as.i, text)));
}

/* shown: the record as this copy shows it. */
static void put_one(struct text *t, const struct revision *r, const struct toc_event *shown, unsigned end,
		    struct toc_span ip)
{
	char value[TOC_KEY_TEXT];
	size_t n;
	text_puts(t, "{");
	if (ip.n)
		json_put(t, "ip", ip);
	if ((n = end_value(r, shown, end, "mac", value)) > 0)
		json_put(t, "mac", toc_span_of(value, n));
	if ((n = end_value(r, shown, end, "user", value)) > 0)
		json_put(t, "user", toc_span_of(value, n));
	end_value(r, shown, end, "source", value);
	json_puts(t, "source", value);
	put_since(t, r, shown, end);
	if (end_value(r, shown, end, "conf", value) > 0)
		json_number(t, "confidence", strtoul(value, NULL, 10));
	text_puts(t, "}");
}

/* What was written at `from` stands there already: it is taken back. */
static bool is_again(struct text *t, size_t from, const size_t *at, unsigned n)
{
	const size_t length = t->n - from;
	for (unsigned i = 0; i < n; i++)
		if (at[i] + length <= from && memcmp(t->p + at[i], t->p + from, length) == 0)
			return true;
	return false;
}

void identities_write(struct text *t, const struct revision *r, struct mask *mask, void **scratch, size_t *room)
{
	char ip[TOC_KEY_TEXT], source[TOC_KEY_TEXT];
	size_t at[IDENTITIES];
	unsigned n = 0;
	for (unsigned i = 2 * TOC_IDENTITY_ENDS * r->nevidence; i-- > 0 && n < IDENTITIES;) {
		const unsigned end = i % TOC_IDENTITY_ENDS, side = i / TOC_IDENTITY_ENDS % 2;
		const struct toc_event *ev = r->evidence[i / (2 * TOC_IDENTITY_ENDS) * 2];
		const struct toc_event *who = r->evidence[i / (2 * TOC_IDENTITY_ENDS) * 2 + side];
		if (!who || !end_value(r, who, end, "source", source))
			continue; /* nobody told of it, or not in this record */
		const size_t nip = address(r, ev, end, ip), before = t->n;
		if (!n)
			json_name(t, "identity");
		text_puts(t, n ? "," : "[");
		at[n] = t->n;
		put_one(t, r, mask_event(mask, who, scratch, room), end, toc_span_of(ip, nip));
		if (is_again(t, at[n], at, n))
			t->n = before;
		else
			n++;
	}
	text_puts(t, n ? "]" : "");
}
