/* findings - what `check` found: for people with the line and a caret, for editors as JSON. */
#ifndef APP_FINDINGS_H
#define APP_FINDINGS_H

#include <stdio.h>

#include "base/diag.h"

/* Sorted by file and place; notes only where asked for. */
void toc_findings_text(const struct toc_diag *d, bool notes, FILE *out);

/* One object a line: file, line, col, endcol, severity, code, message, suggestion (null where there is none). */
void toc_findings_json(const struct toc_diag *d, FILE *out);

#endif
