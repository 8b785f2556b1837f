/* pe - the headers of a Windows program (Microsoft's PE format), from a file's first bytes: Zeek's pe.log. */
#ifndef FLOW_PE_H
#define FLOW_PE_H

#include "tocsin/draft.h"

/* The kind `pe`: what toc_pe_put fills, then the file and its flow (body.c). */
enum toc_pe_field {
	PE_KIND,
	PE_MACHINE,
	PE_COMPILE_TS,
	PE_OS,
	PE_SUBSYSTEM,
	PE_IS_EXE,
	PE_IS_64BIT,
	PE_USES_ASLR,
	PE_USES_DEP,
	PE_USES_CODE_INTEGRITY,
	PE_USES_SEH,
	PE_HAS_IMPORT_TABLE,
	PE_HAS_EXPORT_TABLE,
	PE_HAS_CERT_TABLE,
	PE_HAS_DEBUG_DATA,
	PE_SECTION_NAMES,
	PE_ID,
	PE_ORIG_H,
	PE_ORIG_P,
	PE_RESP_H,
	PE_RESP_P,
	PE_FIELDS
};
extern const struct toc_field_decl toc_pe_fields[PE_FIELDS];

/* Does it begin so, and reaches it as far as the COFF header? */
bool toc_pe_is(struct toc_span head);

/* Fills the fields up to the sections' names as far as the bytes reach; toc_pe_is was true. */
void toc_pe_put(struct toc_draft *d, struct toc_span head);

#endif
