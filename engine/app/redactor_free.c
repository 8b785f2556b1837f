/* redactor_free - responders; mail, IP and hardware addresses by their form, for texts that nobody took apart. */
#include <string.h>

#include "app/redactor.h"
#include "tocsin/addr.h"

bool redactor_person(struct redactor *r, const struct toc_person *person, const char *with)
{
	bool ok = redactor_word(r, toc_span_str(person->uid), with);
	for (const char *const *account = person->accounts; *account; account++)
		ok = ok && redactor_word(r, toc_span_str(*account), with);
	if (person->name)
		ok = ok && redactor_word(r, toc_span_str(person->name), with);
	return ok && (!person->mail || redactor_word(r, toc_span_str(person->mail), with));
}

static bool is_one_of(uint8_t c, const char *more)
{
	return (c >= '0' && c <= '9') || (toc_lower(c) >= 'a' && toc_lower(c) <= 'z') || (c && strchr(more, c));
}

static size_t run_of(struct toc_span in, size_t i, const char *more)
{
	size_t n = 0;
	while (i + n < in.n && is_one_of(in.p[i + n], more))
		n++;
	return n;
}

/* local@host.domain, RFC 5322 section 3.4.1 without quotes and comments. */
static size_t mail_at(struct toc_span in, size_t i)
{
	static const char local[] = "._%+-";
	if (i && is_one_of(in.p[i - 1], local))
		return 0;
	const size_t name = run_of(in, i, local);
	if (!name || i + name >= in.n || in.p[i + name] != '@')
		return 0;
	const size_t host = run_of(in, i + name + 1, ".-");
	return host ? name + 1 + host : 0;
}

/* The longest beginning of the run that is an address: "10.0.0.1:80" and "fe80::1." have more behind it. */
static size_t address_at(struct toc_span in, size_t i, bool *mac)
{
	struct toc_addr addr;
	struct toc_mac hardware;
	if (i && is_one_of(in.p[i - 1], ""))
		return 0;
	size_t n = run_of(in, i, ".:-");
	n = n < TOC_ADDR_TEXT ? n : TOC_ADDR_TEXT - 1;
	for (; n >= 2; n--) {
		const struct toc_span text = toc_span_first(toc_span_from(in, i), n);
		if (i + n < in.n && is_one_of(in.p[i + n], ""))
			continue;				  /* half a word */
		*mac = n != 12 && toc_mac_parse(text, &hardware); /* 12 digits alone are a number */
		if (*mac || toc_addr_parse(text, &addr))
			return n;
	}
	return 0;
}

size_t redactor_free(const struct redactor *r, struct toc_span in, size_t i, const char **with)
{
	bool mac = false;
	size_t n = r->mails ? mail_at(in, i) : 0;
	if (n) {
		*with = r->mails;
		return n;
	}
	n = r->addresses || r->macs ? address_at(in, i, &mac) : 0;
	*with = mac ? r->macs : r->addresses;
	return n && *with ? n : 0;
}
