/* json - records to text: the cost of this file is a good part of a sensor's, so it copies and never formats. */
#include "event/json.h"

#include <math.h>
#include <stdio.h>

#include "base/bytes.h"

/* NUMBER: room for any number, time or bool. FRAME: for what is around the fields, and for a key's padding behind them.
 */
enum { NUMBER = 32, FRAME = 128 + TOC_INTERN_PAD };

_Static_assert(6 * sizeof(struct toc_slot) >= TOC_ADDR_TEXT + 4, "toc_json_draft_room counts a list's slots so");

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
				  "25262728293031323334353637383940414243444546474849"
				  "50515253545556575859606162636465666768697071727374"
				  "75767778798081828384858687888990919293949596979899";

static char *put_uint(char *out, uint64_t v)
{
	char text[20], *p = text + sizeof(text);
	for (; v >= 100; v /= 100)
		memcpy(p -= 2, digit_pairs + 2 * (v % 100), 2);
	if (v >= 10)
		memcpy(p -= 2, digit_pairs + 2 * v, 2);
	else
		*--p = (char)('0' + v);
	size_t n = (size_t)(text + sizeof(text) - p);
	memcpy(out, p, n);
	return out + n;
}

static char *put_int(char *out, int64_t v)
{
	if (v < 0)
		*out++ = '-';
	return put_uint(out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

/* Exactly six digits. */
static char *put_micros(char *out, uint32_t micros)
{
	memcpy(out, digit_pairs + 2 * (micros / 10000), 2);
	memcpy(out + 2, digit_pairs + 2 * (micros / 100 % 100), 2);
	memcpy(out + 4, digit_pairs + 2 * (micros % 100), 2);
	return out + 6;
}

/* Seconds; trim: without the fraction's trailing zeros (durations), else always six digits (points in time). */
static char *put_seconds(char *out, toc_time t, bool trim)
{
	uint64_t ns = t < 0 ? 0 - (uint64_t)t : (uint64_t)t;
	if (t < 0)
		*out++ = '-';
	out = put_uint(out, ns / (uint64_t)TOC_SEC);
	uint32_t micros = (uint32_t)(ns % (uint64_t)TOC_SEC / (uint64_t)TOC_US);
	if (trim && micros == 0)
		return out;
	*out++ = '.';
	out = put_micros(out, micros);
	while (trim && out[-1] == '0')
		out--;
	return out;
}

static char *put_double(char *out, double v)
{
	if (!isfinite(v))
		return (char *)memcpy(out, "null", 4) + 4;
	return out + snprintf(out, NUMBER, "%.10g", v);
}

/* Length of the well-formed UTF-8 sequence at p (RFC 3629), or 0. Unicode's own controls (C1) are not let through. */
static size_t utf8_run(const uint8_t *p, size_t n)
{
	uint8_t c = p[0];
	size_t length = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
	if (!length || length > n)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	bool c1 = c == 0xc2 && p[1] < 0xa0;
	bool overlong = (c == 0xe0 && p[1] < 0xa0) || (c == 0xf0 && p[1] < 0x90);
	bool surrogate = c == 0xed && p[1] >= 0xa0, beyond = c == 0xf4 && p[1] >= 0x90;
	return c1 || overlong || surrogate || beyond ? 0 : length;
}

static char *put_escape(char *out, uint8_t c)
{
	static const char digits[] = "0123456789abcdef";
	static const char short_form[] = {
		['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\'
	};
	*out++ = '\\';
	if (c < sizeof(short_form) && short_form[c]) {
		*out++ = short_form[c];
		return out;
	}
	memcpy(out, "u00", 3);
	out[3] = digits[c >> 4];
	out[4] = digits[c & 15];
	return out + 5;
}

/* All of it, where nothing in it needs an escape: what was looked at is in a register, and is written from there. */
static bool copy_plain(struct toc_span s, char *out)
{
	if (s.n >= 16) {
		for (size_t i = 0; i + 16 <= s.n; i += 16) {
			const toc_bytes16 v = toc_bytes_at(s.p + i);
			if (toc_bytes_any(toc_bytes_special(v)))
				return false;
			memcpy(out + i, &v, sizeof(v));
		}
		/* the last step overlaps the one before it */
		const toc_bytes16 v = toc_bytes_at(s.p + s.n - 16);
		memcpy(out + s.n - 16, &v, sizeof(v));
		return !toc_bytes_any(toc_bytes_special(v));
	}
	if (s.n >= 4) {
		const size_t half = s.n >= 8 ? 8 : 4;
		if (toc_bytes_any(toc_bytes_special(toc_bytes_short(s, half))))
			return false;
		toc_bytes_copy_short(out, s, half);
		return true;
	}
	for (size_t i = 0; i < s.n; i++) {
		if (toc_byte_special(s.p[i]))
			return false;
		out[i] = (char)s.p[i];
	}
	return true;
}

size_t toc_json_string(struct toc_span s, char *out)
{
	char *p = out;
	*p++ = '"';
	if (copy_plain(s, p)) {
		p[s.n] = '"';
		return s.n + 2;
	}
	while (s.n) {
		size_t n = toc_bytes_plain(s);
		if (n == 0 && s.p[0] >= 0x80)
			n = utf8_run(s.p, s.n);
		if (n) {
			memcpy(p, s.p, n);
			p += n;
			s = toc_span_from(s, n);
			continue;
		}
		p = put_escape(p, s.p[0]);
		s = toc_span_from(s, 1);
	}
	*p++ = '"';
	return (size_t)(p - out);
}

static char *put_quoted(char *out, const char *text, size_t n)
{
	*out++ = '"';
	memcpy(out, text, n);
	out[n] = '"';
	return out + n + 1;
}

static char *put_ip(char *out, const struct toc_slot *s, const uint8_t *heap)
{
	char text[TOC_ADDR_TEXT];
	struct toc_addr a = s->len == 4 ? toc_addr_v4((const uint8_t *)&s->bits) : toc_addr_v6(heap + s->bits);
	return put_quoted(out, text, toc_addr_print(&a, text));
}

static char *put_mac(char *out, const struct toc_slot *s)
{
	char text[TOC_MAC_TEXT];
	struct toc_mac m;
	memcpy(m.b, &s->bits, sizeof(m.b));
	return put_quoted(out, text, toc_mac_print(&m, text));
}

/* A slot's value as it lies in the record, without decoding it into a toc_value first. */
static char *put_scalar(char *out, const struct toc_slot *s, const uint8_t *heap)
{
	double d;
	switch ((enum toc_type)s->type) {
	case TOC_NONE:
	case TOC_KIND:
		return (char *)memcpy(out, "null", 4) + 4;
	case TOC_BOOL:
		return s->bits ? (char *)memcpy(out, "true", 4) + 4 : (char *)memcpy(out, "false", 5) + 5;
	case TOC_INT:
		return put_int(out, (int64_t)s->bits);
	case TOC_UINT:
		return put_uint(out, s->bits);
	case TOC_DOUBLE:
		memcpy(&d, &s->bits, sizeof(d));
		return put_double(out, d);
	case TOC_TIME:
	case TOC_DURATION:
		return put_seconds(out, (toc_time)s->bits, s->type == TOC_DURATION);
	case TOC_IP:
		return put_ip(out, s, heap);
	case TOC_MAC:
		return put_mac(out, s);
	case TOC_STRING:
		return out + toc_json_string(toc_span_of(heap + s->bits, s->len), out);
	}
	return out;
}

static char *put_value(char *out, const struct toc_slot *s, const uint8_t *heap)
{
	if (!s->list)
		return put_scalar(out, s, heap);
	const struct toc_slot *items = (const struct toc_slot *)(const void *)(heap + s->bits);
	*out++ = '[';
	for (uint32_t i = 0; i < s->len; i++) {
		if (i)
			*out++ = ',';
		out = put_scalar(out, &items[i], heap);
	}
	*out++ = ']';
	return out;
}

static size_t slots_bound(const struct toc_slot *s, uint32_t n, const uint8_t *heap)
{
	size_t sum = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (s[i].list)
			sum += 2 +
			       slots_bound((const struct toc_slot *)(const void *)(heap + s[i].bits), s[i].len, heap);
		else
			sum += s[i].type == TOC_STRING ? 6 * (size_t)s[i].len + 3 : TOC_ADDR_TEXT + 3;
	}
	return sum;
}

static size_t bound(const struct toc_event *head, const struct toc_slot *s, const uint8_t *heap,
		    const struct toc_intern *names)
{
	size_t sum = FRAME + toc_intern_key(names, head->kind).n + slots_bound(s, head->nslots, heap);
	for (unsigned i = 0; i < head->nslots; i++)
		sum += toc_intern_key(names, s[i].id).n;
	return sum;
}

size_t toc_json_bound(const struct toc_event *ev, const struct toc_intern *names)
{
	return bound(ev, toc_event_slots(ev), toc_event_heap(ev), names);
}

/* Elements of lists lie in the heap with their slots, whose bytes count six times as well. */
size_t toc_json_draft_room(const struct toc_draft *d, const struct toc_intern *names)
{
	size_t key = toc_intern_longest_key(names);
	return FRAME + key + d->head.nslots * (key + TOC_ADDR_TEXT + 3) + 6 * (size_t)d->heap_n;
}

size_t toc_json_draft_bound(const struct toc_draft *d, const struct toc_intern *names)
{
	return bound(&d->head, d->slots, d->heap, names);
}

size_t toc_json_fields(const struct toc_event *ev, const struct toc_intern *names, char *out)
{
	const struct toc_slot *s = toc_event_slots(ev);
	const uint8_t *heap = toc_event_heap(ev);
	char *p = out;
	for (unsigned i = 0; i < ev->nslots; i++) {
		struct toc_span key = toc_intern_key(names, s[i].id);
		if (key.n && key.n <= TOC_INTERN_PAD)
			memcpy(p, key.p, TOC_INTERN_PAD);
		else
			memcpy(p, key.p, key.n);
		p = put_value(p + key.n, &s[i], heap);
	}
	return (size_t)(p - out);
}

size_t toc_json_event(const struct toc_event *ev, const struct toc_intern *names, char *out)
{
	static const char head[] = "{\"event\":", ts[] = ",\"ts\":", uid[] = ",\"uid\":\"";
	struct toc_span key = toc_intern_key(names, ev->kind); /* ,"kind": */
	char *p = memcpy(out, head, sizeof(head) - 1);
	p += sizeof(head) - 1;
	memcpy(p, key.p + 1, key.n - 2);
	p += key.n - 2;
	memcpy(p, ts, sizeof(ts) - 1);
	p = put_seconds(p + sizeof(ts) - 1, ev->ts, false);
	if (ev->uid) {
		memcpy(p, uid, sizeof(uid) - 1);
		p += sizeof(uid) - 1;
		p += toc_uid_print(ev->uid, p);
		*p++ = '"';
	}
	return (size_t)(p - out) + toc_json_fields(ev, names, p);
}
