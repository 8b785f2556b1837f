/* safe - text from strangers for a terminal: characters that show as themselves, and nothing that a terminal obeys. */
#ifndef CLI_SAFE_H
#define CLI_SAFE_H

#include "tocsin/span.h"

/*
 * Appends to out (room bytes with its NUL) what a terminal may be given of text, at most `columns` wide; returns the
 * columns used. Controls, C1, bidirectional and invisible characters and what is no UTF-8 become '?'; the output is
 * valid UTF-8 of characters one column wide (others count two and are '?' at the edge).
 */
unsigned cli_safe(struct toc_span text, unsigned columns, char *out, size_t room);

#endif
