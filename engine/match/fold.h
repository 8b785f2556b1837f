/* fold - case folding of text: ASCII on the usual path, Unicode's simple folding for needles that have such letters. */
#ifndef MATCH_FOLD_H
#define MATCH_FOLD_H

#include "tocsin/draft.h"

enum toc_fold {
	TOC_FOLD_ASCII,
	TOC_FOLD_NONE, /* `cased` */
	TOC_FOLD_WIDE  /* Unicode simple folding of UTF-8; bytes that are no UTF-8 stay */
};

/* A text is never longer than TOC_DRAFT_STRING; two bytes may fold to three. What is written behind is for readers that
 * take four bytes at once. */
enum { TOC_FOLD_ROOM = TOC_DRAFT_STRING * 3 / 2 + 96 };

/* Folds at most TOC_DRAFT_STRING bytes of text into out (TOC_FOLD_ROOM bytes), zeros behind it. */
struct toc_span toc_fold(enum toc_fold how, struct toc_span text, uint8_t *out);

/* ASCII only, any number of bytes; eight zeros are written behind. */
void toc_fold_bytes(const uint8_t *in, size_t n, uint8_t *out);

/* Has the text a letter beyond ASCII that has another case? */
bool toc_fold_wide_letters(struct toc_span text);
bool toc_fold_is_ascii(struct toc_span text);

#endif
