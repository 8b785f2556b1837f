/* sizes - a small table, searched from its front: a site has some hundred lists. */
#include "base/sizes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { SIZES_MOST = 4096, NAME_MOST = 256 };

struct size {
	char *name; /* kind, a blank, name */
	uint64_t n;
};

struct toc_sizes {
	struct size *at;
	unsigned n;
};

struct toc_sizes *toc_sizes_new(void)
{
	return calloc(1, sizeof(struct toc_sizes));
}

void toc_sizes_free(struct toc_sizes *s)
{
	for (unsigned i = 0; s && i < s->n; i++)
		free(s->at[i].name);
	if (s)
		free(s->at);
	free(s);
}

static struct size *find(const struct toc_sizes *s, const char *name)
{
	for (unsigned i = 0; s && i < s->n; i++)
		if (strcmp(s->at[i].name, name) == 0)
			return &s->at[i];
	return NULL;
}

/* Takes the name over. */
static void put(struct toc_sizes *s, char *name, uint64_t n)
{
	struct size *known = name ? find(s, name) : NULL;
	if (known) {
		known->n = n;
		free(name);
		return;
	}
	struct size *more = name && s->n < SIZES_MOST ? realloc(s->at, (s->n + 1) * sizeof(*more)) : NULL;
	if (!more) {
		free(name);
		return;
	}
	s->at = more;
	s->at[s->n++] = (struct size){ name, n };
}

static bool join(char out[NAME_MOST], const char *kind, const char *name)
{
	const int n = snprintf(out, NAME_MOST, "%s %s", kind, name);
	return n > 0 && n < NAME_MOST && !strpbrk(out, "\r\n");
}

void toc_sizes_put(struct toc_sizes *s, const char *kind, const char *name, uint64_t n)
{
	char whole[NAME_MOST];
	if (s && join(whole, kind, name))
		put(s, strdup(whole), n);
}

uint64_t toc_sizes_get(const struct toc_sizes *s, const char *kind, const char *name)
{
	char whole[NAME_MOST];
	const struct size *known = s && join(whole, kind, name) ? find(s, whole) : NULL;
	return known ? known->n : 0;
}

bool toc_sizes_far(const struct toc_sizes *s, const char *kind, const char *name, uint64_t n)
{
	const uint64_t before = toc_sizes_get(s, kind, name);
	return before && n / TOC_SIZES_FACTOR >= before;
}

void toc_sizes_write(const struct toc_sizes *s, FILE *out)
{
	for (unsigned i = 0; s && i < s->n; i++)
		fprintf(out, "%" PRIu64 " %s\n", s->at[i].n, s->at[i].name);
}

static void read_line(struct toc_sizes *s, struct toc_span line)
{
	const size_t blank = toc_span_find(line, ' ');
	const struct toc_span name = toc_span_from(line, blank + 1);
	uint64_t n = 0;
	if (blank == 0 || blank > 18 || !name.n || name.n >= NAME_MOST || memchr(name.p, '\0', name.n))
		return;
	for (size_t i = 0; i < blank; i++) {
		if (line.p[i] < '0' || line.p[i] > '9')
			return;
		n = n * 10 + (uint64_t)(line.p[i] - '0');
	}
	put(s, strndup((const char *)name.p, name.n), n);
}

void toc_sizes_read(struct toc_sizes *s, struct toc_span text)
{
	while (text.n) {
		const size_t end = toc_span_find(text, '\n');
		read_line(s, toc_span_first(text, end));
		text = toc_span_from(text, end + 1);
	}
}
