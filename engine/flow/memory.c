/* memory - cells of a decoder's memory: few are used at once, so a list in the order of their last use is enough. */
#include <stdlib.h>

#include "flow/table.h"

enum { CELLS = 128, CELL_BYTES = 65536 };

/* Takes the cell out of the list; NULL when there is none. */
static struct cell *unlink_cell(struct memory *m, uint64_t key)
{
	for (struct cell **at = &m->oldest; *at; at = &(*at)->next) {
		struct cell *c = *at;
		if (c->key != key)
			continue;
		*at = c->next;
		return c;
	}
	return NULL;
}

static void append(struct memory *m, struct cell *c)
{
	struct cell **at = &m->oldest;
	while (*at)
		at = &(*at)->next;
	c->next = NULL;
	*at = c;
}

void *memory_cell(struct toc_sink *sink, uint64_t key, size_t size)
{
	struct toc_flows *f = flows_of(sink);
	if (f->message_decoder)
		return NULL;
	struct memory *m = &f->now->session->memory;
	struct cell *c = unlink_cell(m, key);
	if (!c && size) {
		if (m->n == CELLS || size > CELL_BYTES - m->bytes || f->held_bytes + size > f->config.held_bytes) {
			f->count.memory_refused++;
			return NULL;
		}
		c = calloc(1, sizeof(*c) + size);
		if (!c)
			return NULL;
		c->key = key;
		c->size = (uint32_t)size;
		m->n++;
		m->bytes += c->size;
		f->held_bytes += size;
	}
	if (!c)
		return NULL;
	append(m, c);
	return c->bytes;
}

static void release(struct toc_flows *f, struct memory *m, struct cell *c)
{
	m->n--;
	m->bytes -= c->size;
	f->held_bytes -= c->size;
	free(c);
}

void memory_forget(struct toc_sink *sink, uint64_t key)
{
	struct toc_flows *f = flows_of(sink);
	struct memory *m = f->message_decoder ? NULL : &f->now->session->memory;
	struct cell *c = m ? unlink_cell(m, key) : NULL;
	if (c)
		release(f, m, c);
}

bool memory_oldest(struct toc_sink *sink, uint64_t *key)
{
	struct toc_flows *f = flows_of(sink);
	const struct cell *c = f->message_decoder ? NULL : f->now->session->memory.oldest;
	if (c)
		*key = c->key;
	return c != NULL;
}

void memory_free(struct toc_flows *f, struct memory *m)
{
	while (m->oldest) {
		struct cell *c = m->oldest;
		m->oldest = c->next;
		release(f, m, c);
	}
}
