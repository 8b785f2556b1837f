/* letters - labels of domain names to letters (RFC 5891 by libidn2), to skeletons (UTS 39), and how far two are apart.
 */
#include "base/letters.h"

#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "tocsin/cursor.h"

static const struct look {
	uint32_t letter;
	const char *looks;
} looks[] = {
#define L(letter, looks) { letter, looks },
#include "base/confusables.def"
#undef L
};
enum { LOOKS = sizeof(looks) / sizeof(looks[0]), LABEL = 63 };

static int by_letter(const void *a, const void *b)
{
	const struct look *x = a, *y = b;
	return x->letter < y->letter ? -1 : x->letter > y->letter;
}

static bool is_plain(struct toc_span label)
{
	if (label.n >= 4 && toc_span_ieq(toc_span_first(label, 4), toc_span_str("xn--")))
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] >= 0x80)
			return false;
	return true;
}

/* libidn2 wants a text that ends with a NUL, and gives memory. */
static bool read_coded(struct toc_span label, struct toc_letters *out)
{
	char text[LABEL + 1];
	uint32_t *letters = NULL;
	memcpy(text, label.p, label.n);
	text[label.n] = '\0';
	if (strlen(text) != label.n || idn2_to_unicode_8z4z(text, &letters, IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	for (out->n = 0; letters[out->n] && out->n < LABEL; out->n++)
		out->at[out->n] = letters[out->n];
	idn2_free(letters);
	return out->n > 0;
}

bool toc_letters_read(struct toc_span label, struct toc_letters *out)
{
	out->n = 0;
	if (!label.n || label.n > LABEL)
		return false;
	if (!is_plain(label))
		return read_coded(label, out);
	for (; out->n < label.n; out->n++)
		out->at[out->n] = toc_lower(label.p[out->n]);
	return true;
}

void toc_letters_skeleton(const struct toc_letters *of, struct toc_letters *out)
{
	out->n = 0;
	for (unsigned i = 0; i < of->n; i++) {
		const struct look want = { of->at[i], NULL };
		const struct look *look = bsearch(&want, looks, LOOKS, sizeof(*looks), by_letter);
		if (of->at[i] >= 0x300 && of->at[i] <= 0x36f) /* a mark that no letter has taken up */
			continue;
		if (!look && out->n < TOC_LETTERS)
			out->at[out->n++] = of->at[i];
		for (const char *c = look ? look->looks : ""; *c && out->n < TOC_LETTERS; c++)
			out->at[out->n++] = (uint8_t)*c;
	}
}

bool toc_letters_equal(const struct toc_letters *a, const struct toc_letters *b)
{
	return a->n == b->n && memcmp(a->at, b->at, a->n * sizeof(*a->at)) == 0;
}

/* Behind what both begin with and before what both end with there is one letter on each side, or two that are swapped.
 */
bool toc_letters_near(const struct toc_letters *a, const struct toc_letters *b)
{
	unsigned begin = 0, end = 0;
	while (begin < a->n && begin < b->n && a->at[begin] == b->at[begin])
		begin++;
	while (end < a->n - begin && end < b->n - begin && a->at[a->n - 1 - end] == b->at[b->n - 1 - end])
		end++;
	const unsigned left_a = a->n - begin - end, left_b = b->n - begin - end;
	if (left_a <= 1 && left_b <= 1)
		return true;
	return left_a == 2 && left_b == 2 && a->at[begin] == b->at[begin + 1] && a->at[begin + 1] == b->at[begin];
}

bool toc_letters_within(const struct toc_letters *part, const struct toc_letters *whole)
{
	for (unsigned i = 0; part->n && i + part->n <= whole->n; i++)
		if (memcmp(part->at, whole->at + i, part->n * sizeof(*part->at)) == 0)
			return true;
	return false;
}
