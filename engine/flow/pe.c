/* pe - COFF and optional header, and the sections' names (Microsoft, PE Format, sections "COFF File Header", "Optional
 * Header", "Section Table"). Names are that document's, as Zeek writes them. */
#include "flow/pe.h"

#include <stdio.h>

#include "tocsin/cursor.h"

enum { SECTIONS = 96, SECTION_NAME = 8, SECTION_ROW = 40, OFFSET_AT = 0x3c, COFF = 24 };
enum { EXECUTABLE_IMAGE = 0x2, MACHINE_32BIT = 0x100, PE32 = 0x10b, PE32_PLUS = 0x20b };
enum { DYNAMIC_BASE = 0x40, FORCE_INTEGRITY = 0x80, NX_COMPAT = 0x100, NO_SEH = 0x400 };

const struct toc_field_decl toc_pe_fields[PE_FIELDS] = {
	[PE_KIND] = { "pe", TOC_KIND, false, TOC_OPEN, NULL, "headers of a Windows program that was seen as a file" },
	[PE_MACHINE] = { "machine", TOC_STRING, false, TOC_OPEN, NULL, "processor that it is for: I386, AMD64 …" },
	[PE_COMPILE_TS] = { "compile_ts", TOC_TIME, false, TOC_OPEN, NULL, "when it was built, as it says" },
	[PE_OS] = { "os", TOC_STRING, false, TOC_OPEN, NULL, "oldest system that it wants" },
	[PE_SUBSYSTEM] = { "subsystem", TOC_STRING, false, TOC_OPEN, NULL, "WINDOWS_GUI, WINDOWS_CUI, NATIVE …" },
	[PE_IS_EXE] = { "is_exe", TOC_BOOL, false, TOC_OPEN, NULL, "an image that can be loaded, not an object file" },
	[PE_IS_64BIT] = { "is_64bit", TOC_BOOL, false, TOC_OPEN, NULL, "for a 64 bit machine" },
	[PE_USES_ASLR] = { "uses_aslr", TOC_BOOL, false, TOC_OPEN, NULL, "may be moved in memory (DYNAMIC_BASE)" },
	[PE_USES_DEP] = { "uses_dep", TOC_BOOL, false, TOC_OPEN, NULL, "its data are not executed (NX_COMPAT)" },
	[PE_USES_CODE_INTEGRITY] = { "uses_code_integrity", TOC_BOOL, false, TOC_OPEN, NULL,
				     "its signature must be checked (FORCE_INTEGRITY)" },
	[PE_USES_SEH] = { "uses_seh", TOC_BOOL, false, TOC_OPEN, NULL, "handles exceptions (not NO_SEH)" },
	[PE_HAS_IMPORT_TABLE] = { "has_import_table", TOC_BOOL, false, TOC_OPEN, NULL, "it imports" },
	[PE_HAS_EXPORT_TABLE] = { "has_export_table", TOC_BOOL, false, TOC_OPEN, NULL, "it exports" },
	[PE_HAS_CERT_TABLE] = { "has_cert_table", TOC_BOOL, false, TOC_OPEN, NULL, "it is signed" },
	[PE_HAS_DEBUG_DATA] = { "has_debug_data", TOC_BOOL, false, TOC_OPEN, NULL, "it has debug data" },
	[PE_SECTION_NAMES] = { "section_names", TOC_STRING, true, TOC_OPEN, NULL, "names of its sections, in order" },
	[PE_ID] = { "id", TOC_STRING, false, TOC_OPEN, NULL, "the file's identifier: fuid of `files`" },
	[PE_ORIG_H] = { "id.orig_h", TOC_IP, false, TOC_DEVICE, NULL, "the flow's originator" },
	[PE_ORIG_P] = { "id.orig_p", TOC_UINT, false, TOC_OPEN, NULL, "the originator's port" },
	[PE_RESP_H] = { "id.resp_h", TOC_IP, false, TOC_DEVICE, NULL, "the flow's responder" },
	[PE_RESP_P] = { "id.resp_p", TOC_UINT, false, TOC_OPEN, NULL, "the responder's port" },
};

struct name {
	uint32_t number;
	const char *name;
};

static const struct name machines[] = {
	{ 0x0, "UNKNOWN" },    { 0x14c, "I386" },	  { 0x166, "R4000" },	     { 0x169, "WCEMIPSV2" },
	{ 0x1a2, "SH3" },      { 0x1a3, "SH3DSP" },	  { 0x1a6, "SH4" },	     { 0x1a8, "SH5" },
	{ 0x1c0, "ARM" },      { 0x1c2, "THUMB" },	  { 0x1c4, "ARMNT" },	     { 0x1d3, "AM33" },
	{ 0x1f0, "POWERPC" },  { 0x1f1, "POWERPCFP" },	  { 0x200, "IA64" },	     { 0x266, "MIPS16" },
	{ 0x366, "MIPSFPU" },  { 0x466, "MIPSFPU16" },	  { 0xebc, "EBC" },	     { 0x5032, "RISCV32" },
	{ 0x5064, "RISCV64" }, { 0x6232, "LOONGARCH32" }, { 0x6264, "LOONGARCH64" }, { 0x8664, "AMD64" },
	{ 0x9041, "M32R" },    { 0xa641, "ARM64EC" },	  { 0xaa64, "ARM64" },
};

static const struct name subsystems[] = {
	{ 0, "UNKNOWN" },
	{ 1, "NATIVE" },
	{ 2, "WINDOWS_GUI" },
	{ 3, "WINDOWS_CUI" },
	{ 5, "OS2_CUI" },
	{ 7, "POSIX_CUI" },
	{ 8, "NATIVE_WINDOWS" },
	{ 9, "WINDOWS_CE_GUI" },
	{ 10, "EFI_APPLICATION" },
	{ 11, "EFI_BOOT_SERVICE_DRIVER" },
	{ 12, "EFI_RUNTIME_DRIVER" },
	{ 13, "EFI_ROM" },
	{ 14, "XBOX" },
	{ 16, "WINDOWS_BOOT_APPLICATION" },
};

/* Major version in the upper half. */
static const struct name systems[] = {
	{ 0x3000a, "Windows 3.1 or NT 3.1" },
	{ 0x30032, "Windows NT 3.5" },
	{ 0x30033, "Windows NT 3.51" },
	{ 0x40000, "Windows 95 or NT 4.0" },
	{ 0x4000a, "Windows 98" },
	{ 0x4005a, "Windows Me" },
	{ 0x50000, "Windows 2000" },
	{ 0x50001, "Windows XP" },
	{ 0x50002, "Windows XP x64 or Server 2003" },
	{ 0x60000, "Windows Vista or Server 2008" },
	{ 0x60001, "Windows 7 or Server 2008 R2" },
	{ 0x60002, "Windows 8 or Server 2012" },
	{ 0x60003, "Windows 8.1 or Server 2012 R2" },
	{ 0x60004, "Windows 10 Technical Preview" },
	{ 0xa0000, "Windows 10" },
};

static const char *find(const struct name *names, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}
#define FIND(names, number) find((names), sizeof(names) / sizeof((names)[0]), (number))

static void put_name(struct toc_draft *d, unsigned field, const char *name, uint32_t number)
{
	char text[24];
	if (!name)
		snprintf(text, sizeof(text), "unknown-%u", number);
	toc_put_cstr(d, field, name ? name : text);
}

static void put_os(struct toc_draft *d, uint16_t major, uint16_t minor)
{
	char text[32];
	const char *name = FIND(systems, (uint32_t)major << 16 | minor);
	if (!name)
		snprintf(text, sizeof(text), "unknown-%u.%u", major, minor);
	toc_put_cstr(d, PE_OS, name ? name : text);
}

/* Stands in front of the COFF header, behind "PE\0\0"; bad: there is none. */
static struct toc_cursor coff_of(struct toc_span head)
{
	struct toc_cursor c = toc_cursor_of(head);
	struct toc_span mz = toc_take(&c, 2);
	bool is = !c.bad && memcmp(mz.p, "MZ", 2) == 0;
	toc_skip(&c, OFFSET_AT - 2);
	uint32_t at = toc_le32(&c);
	c = toc_cursor_of(head);
	toc_skip(&c, at);
	if (!is || toc_left(&c) < COFF || memcmp(c.p, "PE\0\0", 4) != 0)
		c.bad = true;
	toc_skip(&c, 4);
	return c;
}

bool toc_pe_is(struct toc_span head)
{
	return !coff_of(head).bad;
}

/* Data directories: address and size each, so many as the header says. */
static void put_tables(struct toc_draft *d, struct toc_cursor c)
{
	enum { EXPORT = 0, IMPORT = 1, CERT = 4, DEBUG = 6, LAST = DEBUG };
	static const uint8_t fields[LAST + 1] = { [EXPORT] = PE_HAS_EXPORT_TABLE,
						  [IMPORT] = PE_HAS_IMPORT_TABLE,
						  [CERT] = PE_HAS_CERT_TABLE,
						  [DEBUG] = PE_HAS_DEBUG_DATA };
	const uint32_t n = toc_le32(&c);
	for (uint32_t i = 0; i <= LAST && !c.bad; i++) {
		uint32_t size = 0;
		if (i < n) {
			toc_skip(&c, 4);
			size = toc_le32(&c);
		}
		if (!c.bad && fields[i])
			toc_put_bool(d, fields[i], size > 0);
	}
}

static void put_optional(struct toc_draft *d, struct toc_cursor c)
{
	enum { TO_OS = 38, TO_SUBSYSTEM = 24, TO_TABLES_32 = 20, TO_TABLES_64 = 36 };
	const bool wide = toc_le16(&c) == PE32_PLUS;
	toc_skip(&c, TO_OS);
	const uint16_t major = toc_le16(&c), minor = toc_le16(&c);
	if (!c.bad)
		put_os(d, major, minor);
	toc_skip(&c, TO_SUBSYSTEM);
	const uint16_t subsystem = toc_le16(&c), flags = toc_le16(&c);
	if (c.bad)
		return;
	put_name(d, PE_SUBSYSTEM, FIND(subsystems, subsystem), subsystem);
	toc_put_bool(d, PE_USES_ASLR, flags & DYNAMIC_BASE);
	toc_put_bool(d, PE_USES_DEP, flags & NX_COMPAT);
	toc_put_bool(d, PE_USES_CODE_INTEGRITY, flags & FORCE_INTEGRITY);
	toc_put_bool(d, PE_USES_SEH, !(flags & NO_SEH));
	toc_skip(&c, wide ? TO_TABLES_64 : TO_TABLES_32);
	put_tables(d, c);
}

static void put_sections(struct toc_draft *d, struct toc_cursor c, unsigned n)
{
	for (unsigned i = 0; i < n && i < SECTIONS && toc_left(&c) >= SECTION_ROW; i++) {
		struct toc_span name = toc_take(&c, SECTION_NAME);
		const uint8_t *end = memchr(name.p, 0, name.n);
		toc_skip(&c, SECTION_ROW - SECTION_NAME);
		toc_list_str(d, PE_SECTION_NAMES, toc_span_first(name, end ? (size_t)(end - name.p) : name.n));
	}
}

void toc_pe_put(struct toc_draft *d, struct toc_span head)
{
	struct toc_cursor c = coff_of(head);
	const uint16_t machine = toc_le16(&c), sections = toc_le16(&c);
	const uint32_t built = toc_le32(&c);
	toc_skip(&c, 8);
	const uint16_t size = toc_le16(&c), flags = toc_le16(&c);
	struct toc_cursor magic = c;
	const uint16_t form = size >= 2 ? toc_le16(&magic) : 0;
	put_name(d, PE_MACHINE, FIND(machines, machine), machine);
	toc_put_time(d, PE_COMPILE_TS, built * TOC_SEC);
	toc_put_bool(d, PE_IS_EXE, flags & EXECUTABLE_IMAGE);
	toc_put_bool(d, PE_IS_64BIT, form == PE32 ? false : form == PE32_PLUS || !(flags & MACHINE_32BIT));
	const size_t whole = size < toc_left(&c) ? size : toc_left(&c);
	const struct toc_span optional = toc_take(&c, whole);
	if (form == PE32 || form == PE32_PLUS)
		put_optional(d, toc_cursor_of(optional));
	if (whole == size)
		put_sections(d, c, sections);
}
