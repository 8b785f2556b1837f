/* payloads - of which services the rules want payload kept (docs/writing-rules.md, `evidence`). */
#ifndef APP_PAYLOADS_H
#define APP_PAYLOADS_H

#include "base/intern.h"
#include "evidence/packets.h"
#include "ruleset/ruleset.h"

enum { TOC_PAYLOADS = 64 };

/*
 * The services whose decoders give the events that these rules are judged on; never mail, never what a rule reads that
 * wants nothing kept. out ends with a NULL service.
 */
void toc_payloads_find(const struct toc_ruleset *rules, const struct toc_intern *names,
		       struct payload_wish out[TOC_PAYLOADS + 1]);

#endif
