/* text - the buffer and the pieces of JSON. */
#include "alert/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "event/json.h"

char *text_room(struct text *t, size_t n)
{
	if (t->n + n > t->room) {
		t->room = 2 * (t->n + n);
		t->p = realloc(t->p, t->room);
		if (!t->p)
			abort();
	}
	return t->p + t->n;
}

void text_put(struct text *t, struct toc_span s)
{
	char *out = text_room(t, s.n + 1);
	if (s.n)
		memcpy(out, s.p, s.n);
	t->n += s.n;
}

void text_puts(struct text *t, const char *s)
{
	text_put(t, toc_span_str(s));
}

void text_printf(struct text *t, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *out = text_room(t, (size_t)n + 1);
	va_start(args, format);
	vsnprintf(out, (size_t)n + 1, format, args);
	va_end(args);
	t->n += (size_t)n;
}

void text_clear(struct text *t)
{
	t->n = 0;
}

void text_free(struct text *t)
{
	free(t->p);
	*t = (struct text){ 0 };
}

void json_name(struct text *t, const char *name)
{
	char last = t->n ? t->p[t->n - 1] : '{';
	text_printf(t, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", name);
}

void json_string(struct text *t, struct toc_span s)
{
	t->n += toc_json_string(s, text_room(t, 6 * s.n + 2));
}

void json_put(struct text *t, const char *name, struct toc_span value)
{
	json_name(t, name);
	json_string(t, value);
}

void json_puts(struct text *t, const char *name, const char *value)
{
	if (value)
		json_put(t, name, toc_span_str(value));
}

void json_number(struct text *t, const char *name, uint64_t value)
{
	json_name(t, name);
	text_printf(t, "%llu", (unsigned long long)value);
}

void json_list(struct text *t, const char *name, const char *const *values)
{
	if (!values || !*values)
		return;
	json_name(t, name);
	for (const char *const *v = values; *v; v++) {
		text_puts(t, v == values ? "[" : ",");
		json_string(t, toc_span_str(*v));
	}
	text_puts(t, "]");
}

static bool split(toc_time at, struct tm *tm)
{
	toc_time second = at / TOC_SEC - (at % TOC_SEC < 0);
	time_t t = (time_t)second;
	return gmtime_r(&t, tm) != NULL;
}

size_t time_text(toc_time at, char out[TIME_TEXT])
{
	struct tm tm;
	toc_time rest = ((at % TOC_SEC) + TOC_SEC) % TOC_SEC;
	if (!split(at, &tm))
		return 0;
	return (size_t)snprintf(out, TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (tm.tm_year + 1900) % 10000,
				tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(rest / TOC_US));
}

size_t clock_text(toc_time at, char out[TIME_TEXT])
{
	struct tm tm;
	return split(at, &tm) ? strftime(out, TIME_TEXT, "%H:%M:%S", &tm) : 0;
}
