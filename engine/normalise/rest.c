/* rest - names that no field takes, without what must not be stored. */
#include "normalise/rest.h"

#include "normalise/redact.h"

/* Anywhere in a name, whatever its case. */
static const char *const never[] = { "passw",	"pwd",	    "secret",	  "token",     "cookie",    "apikey",
				     "api_key", "api-key",  "credential", "subject",   "recipient", "rcpt",
				     "attach",	"mailfrom", "mailto",	  "mail_from", "mail_to",   "body" };
/* Parts of a mail where they are the whole name, or a part of it between dots. */
static const char *const never_whole[] = { "to", "from", "cc", "bcc", "sender", "psk", "pass", "pin" };

static bool has(struct toc_span name, struct toc_span word)
{
	for (size_t i = 0; i + word.n <= name.n; i++)
		if (toc_span_ieq(toc_span_of(name.p + i, word.n), word))
			return true;
	return false;
}

/* A part of a dotted name that is one of these: mail.to.address. */
static bool part_of_mail(struct toc_span name)
{
	while (name.n) {
		size_t dot = toc_span_find(name, '.');
		for (size_t i = 0; i < sizeof(never_whole) / sizeof(never_whole[0]); i++)
			if (toc_span_ieq(toc_span_first(name, dot), toc_span_str(never_whole[i])))
				return true;
		name = toc_span_from(name, dot + 1);
	}
	return false;
}

bool rest_allowed(struct toc_span name)
{
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (has(name, toc_span_str(never[i])))
			return false;
	return !part_of_mail(name);
}

void rest_put(const struct filling *f, unsigned *n, struct toc_span name, struct toc_span value)
{
	uint8_t text[REST_TEXT];
	if (!name.n || !value.n || (f->by && fill_unset(f->by, value)) || !rest_allowed(name))
		return;
	if (*n == REST_MOST) {
		f->draft->head.lost++;
		return;
	}
	++*n;
	size_t used = name.n < REST_TEXT - 1 ? name.n : REST_TEXT - 1;
	memcpy(text, name.p, used);
	text[used++] = '=';
	value = redact_pair(name, value) ? toc_span_str("[redacted]") : redact_text(value, f->scratch, f->room);
	size_t more = value.n < REST_TEXT - used ? value.n : REST_TEXT - used;
	if (more)
		memcpy(text + used, value.p, more);
	toc_list_str(f->draft, LINE_DATA, toc_span_of(text, used + more));
}
