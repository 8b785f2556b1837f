/* setting - where an alert's subject is and what it is: building, zone, ownership, role; as the events know it. */
#include "alert/episode.h"
#include "event/value.h"

/* The first field of those that the event has, as text; 0: none. */
size_t revision_value(const struct revision *r, const struct toc_event *ev, const char *const *names,
		      char out[TOC_KEY_TEXT])
{
	out[0] = '\0';
	for (; ev && *names; names++) {
		toc_field id = toc_intern_find(r->names, toc_span_str(*names));
		struct toc_value v = id ? toc_event_get(ev, id) : (struct toc_value){ .type = TOC_NONE };
		size_t n = v.type == TOC_NONE || v.list ? 0 : toc_value_text(&v, out, TOC_KEY_TEXT - 1);
		out[n] = '\0';
		if (n)
			return n;
	}
	return 0;
}

/* The text of a field that the event or what identity knows beside it has. */
static size_t either(const struct revision *r, unsigned i, const char *name, char out[TOC_KEY_TEXT])
{
	const char *const names[] = { name, NULL };
	size_t n = revision_value(r, r->evidence[2 * i], names, out);
	return n ? n : revision_value(r, r->evidence[2 * i + 1], names, out);
}

/* Whether the subject is the far end in that event; otherwise it is taken for the near one. */
static bool is_far_end(const struct revision *r, unsigned i)
{
	static const char *const ends[] = { "dst_user", "dst_host", "dst_ip", "id.resp_h" };
	const char *subject = r->episode->subject;
	char text[TOC_KEY_TEXT];
	for (size_t k = 0; subject && k < sizeof(ends) / sizeof(ends[0]); k++)
		if (either(r, i, ends[k], text) && strcmp(text, subject) == 0)
			return true;
	return false;
}

/* One thing of the end at which the subject is, by the latest event that knows it. */
static void put_one(struct text *t, const struct revision *r, struct mask *mask, const char *name, const char *what)
{
	char field[32], value[TOC_KEY_TEXT];
	size_t n = 0;
	for (unsigned i = r->nevidence; i > 0 && !n; i--) {
		snprintf(field, sizeof(field), "%s_%s", is_far_end(r, i - 1) ? "dst" : "src", what);
		n = either(r, i - 1, field, value);
	}
	if (!n)
		return;
	struct text shown = { 0 };
	mask_value(mask, TOC_OPEN, toc_span_of(value, n), &shown);
	json_put(t, name, toc_span_of(shown.p, shown.n));
	text_free(&shown);
}

void setting_subject(struct text *t, const struct revision *r, struct mask *mask)
{
	static const char *const stances[] = { "none", "actor", "victim", "unknown" };
	const struct episode *e = r->episode;
	if (!r->subject)
		return;
	json_name(t, "subject");
	text_puts(t, "{");
	json_puts(t, "value", r->subject);
	json_puts(t, "stance", stances[e->rule->stance]);
	json_puts(t, "kind",
		  e->subject_class == TOC_PERSON   ? "person"
		  : e->subject_class == TOC_DEVICE ? "device"
						   : "other");
	put_one(t, r, mask, "role", "role");
	text_puts(t, "}");
}

void setting_place(struct text *t, const struct revision *r, struct mask *mask)
{
	put_one(t, r, mask, "building", "site");
	put_one(t, r, mask, "zone", "zone");
	put_one(t, r, mask, "ownership", "ownership");
}
