/* mutate - dice of a seed, and bytes that they damage. */
#include "mutate.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

uint32_t dice_roll(struct dice *d, uint32_t sides)
{
	d->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
	uint64_t z = d->state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return sides ? (uint32_t)((z >> 32) * sides >> 32) : 0;
}

void bytes_put(struct bytes *b, const void *p, size_t n)
{
	n = n < b->room - b->n ? n : b->room - b->n;
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

void bytes_text(struct bytes *b, const char *text)
{
	bytes_put(b, text, strlen(text));
}

void bytes_times(struct bytes *b, const char *text, unsigned times)
{
	while (times--)
		bytes_text(b, text);
}

void bytes_flip(struct bytes *b, struct dice *d, size_t within)
{
	static const uint8_t edges[] = { 0, 1, 0x7f, 0x80, 0xc0, 0xfe, 0xff, '<', '>', '"', '\\', '=', '|', ']' };
	within = within < b->n ? within : b->n;
	for (uint32_t k = within ? 1 + dice_roll(d, 4) : 0; k--;) {
		uint8_t *at = b->p + dice_roll(d, (uint32_t)within);
		*at = dice_one_in(d, 2) ? (uint8_t)dice_roll(d, 256) : edges[dice_roll(d, sizeof(edges))];
	}
}

void bytes_cut(struct bytes *b, struct dice *d)
{
	size_t at = dice_roll(d, (uint32_t)b->n + 1), gone = dice_roll(d, (uint32_t)(b->n - at) + 1);
	if (dice_one_in(d, 2))
		gone = b->n - at;
	memmove(b->p + at, b->p + at + gone, b->n - at - gone);
	b->n -= gone;
}

void bytes_repeat(struct bytes *b, struct dice *d)
{
	size_t at = dice_roll(d, (uint32_t)b->n + 1), n = dice_roll(d, (uint32_t)(b->n - at) + 1);
	n = n < b->room - b->n ? n : b->room - b->n;
	memmove(b->p + at + n, b->p + at, b->n - at);
	b->n += n;
}

struct toc_span read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	long size = f && fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	uint8_t *bytes = size >= 0 ? malloc((size_t)size + 1) : NULL;
	size_t n = 0;
	if (bytes) {
		rewind(f);
		n = fread(bytes, 1, (size_t)size, f);
	}
	if (f)
		fclose(f);
	return toc_span_of(bytes, n);
}

void tell_progress(uint64_t count)
{
	if (count % 5000 == 0)
		fprintf(stderr, "at %" PRIu64 "\n", count);
}
