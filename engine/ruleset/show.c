/* show - trees as JSON arrays and as indented text. */
#include "ruleset/show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ruleset/generation.h"
#include "ruleset/item.h"

static const char *const kind_names[] = {
	[LEAF_STRING] = "str",	  [LEAF_NUMBER] = "num",     [LEAF_BOOL] = "bool",    [LEAF_NULL] = "null",
	[LEAF_EXISTS] = "exists", [LEAF_REGEX] = "re",	     [LEAF_NETWORK] = "cidr", [LEAF_COMPARE] = "cmp",
	[LEAF_PART] = "part",	  [LEAF_FIELD] = "fieldref", [LEAF_LIST] = "list",    [LEAF_BEFORE] = "before"
};
static const char *const compare_names[] = {
	[TOC_CMP_LT] = "lt", [TOC_CMP_LTE] = "lte", [TOC_CMP_GT] = "gt", [TOC_CMP_GTE] = "gte", [TOC_CMP_EQ] = "eq"
};
static const char *const part_names[] = {
	[TOC_PART_MINUTE] = "minute", [TOC_PART_HOUR] = "hour",	  [TOC_PART_DAY] = "day",
	[TOC_PART_WEEK] = "week",     [TOC_PART_MONTH] = "month", [TOC_PART_YEAR] = "year"
};

/* Length of the UTF-8 sequence at text (RFC 3629), 1 for a byte that begins none. */
static size_t sequence(struct toc_span s, uint32_t *code)
{
	uint8_t c = s.p[0];
	size_t n = c < 0x80 ? 1 : c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 1;
	*code = c;
	if (n == 1 || n > s.n)
		return 1;
	uint32_t value = c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s.p[i] & 0xc0) != 0x80)
			return 1;
		value = value << 6 | (s.p[i] & 0x3f);
	}
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 1;
	*code = value;
	return n;
}

void toc_show_string(struct toc_span text, FILE *out)
{
	fputc('"', out);
	while (text.n) {
		uint32_t c;
		size_t n = sequence(text, &c);
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", (int)c);
		else if (c < 0x20 || c == 0x7f || (n == 1 && c >= 0x80))
			fprintf(out, "\\u%04x", c);
		else
			fwrite(text.p, 1, n, out);
		text = toc_span_from(text, n);
	}
	fputc('"', out);
}

static void json_text(const char *text, FILE *out)
{
	if (text)
		toc_show_string(toc_span_str(text), out);
	else
		fputs("null", out);
}

static void json_number(double n, FILE *out)
{
	if (isfinite(n) && n == floor(n) && fabs(n) < 1e15)
		fprintf(out, "%.0f", n);
	else if (isfinite(n))
		fprintf(out, "%.17g", n);
	else
		fputs("null", out);
}

/* Runs of text between wildcards: 0 any run, 1 one character, 2 any dash. */
static void json_units(struct toc_units u, FILE *out)
{
	uint8_t *run = malloc(u.n + 1);
	const char *comma = "";
	if (!run)
		abort(); /* a command's memory */
	fputc('[', out);
	for (size_t i = 0, n = 0; i <= u.n; i++) {
		bool wild = i < u.n && u.at[i] > 0xff;
		if (i < u.n && !wild) {
			run[n++] = (uint8_t)u.at[i];
			continue;
		}
		if (n) {
			fputs(comma, out);
			toc_show_string(toc_span_of(run, n), out);
			comma = ",";
			n = 0;
		}
		if (wild) {
			fprintf(out, "%s%d", comma, u.at[i] == TOC_UNIT_ANY ? 0 : u.at[i] == TOC_UNIT_ONE ? 1 : 2);
			comma = ",";
		}
	}
	fputc(']', out);
	free(run);
}

static void json_flags(unsigned mods, FILE *out)
{
	static const struct {
		unsigned bit;
		const char *name;
	} flags[] = { { MOD_I, "i" }, { MOD_M, "m" }, { MOD_S, "s" } };
	const char *comma = "";
	fputc('[', out);
	for (unsigned i = 0; i < 3; i++) {
		if (!(mods & flags[i].bit))
			continue;
		fprintf(out, "%s\"%s\"", comma, flags[i].name);
		comma = ",";
	}
	fputc(']', out);
}

static void json_value(const struct leaf *leaf, FILE *out)
{
	const struct toc_test *t = &leaf->test;
	switch (leaf->kind) {
	case LEAF_STRING:
		json_units(leaf->units, out);
		break;
	case LEAF_NUMBER:
		json_number(t->number, out);
		break;
	case LEAF_BOOL:
		fputs(t->yes ? "true" : "false", out);
		break;
	case LEAF_EXISTS:
		fputs(leaf->inverted ? "false" : "true", out);
		break;
	case LEAF_NULL:
		fputs("null", out);
		break;
	case LEAF_REGEX:
		json_text(leaf->text, out);
		fputc(',', out);
		json_flags(leaf->mods, out);
		break;
	case LEAF_NETWORK:
	case LEAF_LIST:
		json_text(leaf->text, out);
		break;
	case LEAF_COMPARE:
		fprintf(out, "\"%s\",", compare_names[t->compare]);
		json_number(t->number, out);
		break;
	case LEAF_PART:
		fprintf(out, "\"%s\",\"%s\",", part_names[t->part], compare_names[t->compare]);
		json_number(t->number, out);
		break;
	case LEAF_FIELD:
		json_text(leaf->text, out);
		fprintf(out, ",\"%s\"",
			t->relation == PATTERN_PREFIX	  ? "startswith"
			: t->relation == PATTERN_SUFFIX	  ? "endswith"
			: t->relation == PATTERN_CONTAINS ? "contains"
							  : "equals");
		break;
	case LEAF_BEFORE:
		fprintf(out, "%lld", (long long)(t->time / TOC_SEC));
		break;
	}
}

static void json_leaf(const struct leaf *leaf, FILE *out)
{
	bool cased = leaf->cased && leaf->kind == LEAF_STRING;
	fputs(leaf->keyword ? "[\"kw\"" : "[\"field\",", out);
	if (!leaf->keyword)
		json_text(leaf->field, out);
	fprintf(out, ",\"%s\",", cased ? "cased" : kind_names[leaf->kind]);
	json_value(leaf, out);
	fputc(']', out);
}

/* Depth is bounded by the parsers; size by ruleset.c. */
static void json_tree(const struct tree *t, FILE *out)
{
	static const char *const ops[] = { [TREE_ALL] = "and", [TREE_ANY] = "or", [TREE_NOT] = "not" };
	if (t->op == TREE_TEST) {
		json_leaf(t->leaf, out);
		return;
	}
	fprintf(out, "[\"%s\",[", ops[t->op]);
	for (unsigned i = 0; i < t->n; i++) {
		fputs(i ? "," : "", out);
		json_tree(t->kids[i], out);
	}
	fputs("]]", out);
}

static void json_yaml(const struct toc_yaml *node, FILE *out)
{
	if (!node || toc_yaml_is_null(node)) {
		fputs("null", out);
	} else if (node->kind == TOC_YAML_SCALAR) {
		toc_show_string(node->text, out);
	} else {
		bool map = node->kind == TOC_YAML_MAP;
		fputc(map ? '{' : '[', out);
		for (unsigned i = 0; i < node->n; i++) {
			fputs(i ? "," : "", out);
			if (map) {
				toc_show_string(node->as.pairs[i].key->text, out);
				fputc(':', out);
			}
			json_yaml(map ? node->as.pairs[i].value : node->as.items[i], out);
		}
		fputc(map ? '}' : ']', out);
	}
}

static const char *const levels[] = { "?", "informational", "low", "medium", "high", "critical" };
static const char *const dimensions[3] = { "category", "product", "service" };

static const struct doc *doc_of(const struct toc_ruleset *r, unsigned rule)
{
	return ((const struct generation *)r)->by_number[rule];
}

bool toc_ruleset_is(const struct toc_ruleset *r, unsigned rule, const char *name)
{
	const struct doc *doc = doc_of(r, rule);
	return strcmp(doc->id, name) == 0 || (doc->name && strcmp(doc->name, name) == 0);
}

static void json_pair(const char *key, const char *text, FILE *out)
{
	fprintf(out, ",\"%s\":", key);
	json_text(text, out);
}

static void json_raise(const struct toc_alert_rule *words, FILE *out)
{
	const char *comma = "";
	fputs(",\"raise\":{", out);
	for (unsigned s = 0; s < TOC_SEVERITIES; s++) {
		if (!words->raised_by[s])
			continue;
		fprintf(out, "%s\"%s\":[", comma, levels[s]);
		comma = ",";
		for (unsigned i = 0; words->raised_by[s][i]; i++) {
			fputs(i ? "," : "", out);
			json_text(words->raised_by[s][i], out);
		}
		fputc(']', out);
	}
	fputc('}', out);
}

void toc_ruleset_json(const struct toc_ruleset *r, unsigned rule, bool tree, FILE *out)
{
	const struct toc_alert_rule *words = &r->alerts[rule];
	const struct doc *doc = doc_of(r, rule);
	fputs("{\"id\":", out);
	json_text(words->id, out);
	json_pair("name", doc->name, out);
	json_pair("title", words->title, out);
	json_pair("kind", doc->kind == DOC_CORRELATION ? "correlation" : "detection", out);
	json_pair("level", levels[words->severity], out);
	json_pair("mode", words->observed ? "observe" : "alert", out);
	json_pair("path", words->path, out);
	fprintf(out, ",\"line\":%u,\"alerts\":%s", doc->root->at.line, words->alerts ? "true" : "false");
	for (unsigned d = 0; doc->kind == DOC_DETECTION && d < 3; d++)
		json_pair(dimensions[d], doc->source.dims[d], out);
	json_raise(words, out);
	if (tree && doc->tree) {
		fputs(",\"tree\":", out);
		json_tree(doc->tree, out);
	}
	if (tree && doc->kind == DOC_CORRELATION) {
		fputs(",\"correlation\":", out);
		json_yaml(toc_yaml_get(doc->root, "correlation"), out);
		fputs(",\"tocsin\":", out);
		json_yaml(toc_yaml_get(doc->root, "tocsin"), out);
	}
	fputs("}\n", out);
}

/* --- for people --------------------------------------------------------------------------------------------------- */

static void text_units(struct toc_units u, FILE *out)
{
	fputc('\'', out);
	for (size_t i = 0; i < u.n; i++) {
		bool literal = u.at[i] == '*' || u.at[i] == '?';
		if (u.at[i] > 0xff)
			fputs(u.at[i] == TOC_UNIT_ANY ? "*" : u.at[i] == TOC_UNIT_ONE ? "?" : "<dash>", out);
		else if (u.at[i] < 0x20 || u.at[i] == 0x7f)
			fprintf(out, "<%02x>", u.at[i]);
		else
			fprintf(out, "%s%c", literal ? "\\" : "", u.at[i]);
	}
	fputc('\'', out);
}

static void text_time(toc_time at, FILE *out)
{
	const time_t seconds = (time_t)(at / TOC_SEC);
	char day[32] = "?";
	struct tm tm;
	if (gmtime_r(&seconds, &tm))
		strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%SZ", &tm);
	fputs(day, out);
}

static void text_leaf(const struct leaf *leaf, FILE *out)
{
	const struct toc_test *t = &leaf->test;
	static const char *const signs[] = {
		[TOC_CMP_LT] = "<", [TOC_CMP_LTE] = "<=", [TOC_CMP_GT] = ">", [TOC_CMP_GTE] = ">=", [TOC_CMP_EQ] = "="
	};
	fputs(leaf->keyword ? "anywhere" : leaf->field, out);
	switch (leaf->kind) {
	case LEAF_STRING:
		fputs(leaf->cased ? " is exactly " : " is ", out);
		text_units(leaf->units, out);
		break;
	case LEAF_NUMBER:
		fprintf(out, " = %.15g", t->number);
		break;
	case LEAF_BOOL:
		fprintf(out, " = %s", t->yes ? "true" : "false");
		break;
	case LEAF_NULL:
		fputs(" is absent", out);
		break;
	case LEAF_EXISTS:
		fputs(leaf->inverted ? " is absent" : " is there", out);
		break;
	case LEAF_REGEX:
		fprintf(out, " has /%s/%s%s%s", leaf->text, leaf->mods & MOD_I ? "i" : "",
			leaf->mods & MOD_M ? "m" : "", leaf->mods & MOD_S ? "s" : "");
		break;
	case LEAF_NETWORK:
		fprintf(out, " in %s", leaf->text);
		break;
	case LEAF_COMPARE:
		fprintf(out, " %s %.15g", signs[t->compare], t->number);
		break;
	case LEAF_PART:
		fprintf(out, ": %s %s %.15g", part_names[t->part], signs[t->compare], t->number);
		break;
	case LEAF_FIELD:
		fprintf(out, "%s field %s",
			t->relation == PATTERN_PREFIX	  ? " starts with"
			: t->relation == PATTERN_SUFFIX	  ? " ends with"
			: t->relation == PATTERN_CONTAINS ? " contains"
							  : " =",
			leaf->text);
		break;
	case LEAF_LIST:
		fprintf(out, " in list %s (%zu entries)", leaf->text, toc_list_count(t->list));
		break;
	case LEAF_BEFORE:
		fputs(leaf->inverted ? " not before " : " before ", out); /* an exemption's end */
		text_time(t->time, out);
		break;
	}
	fputc('\n', out);
}

static void text_tree(const struct tree *t, unsigned depth, FILE *out)
{
	static const char *const ops[] = { [TREE_ALL] = "all of", [TREE_ANY] = "any of", [TREE_NOT] = "not" };
	fprintf(out, "%*s", (int)(2 * depth), "");
	if (t->op == TREE_TEST) {
		text_leaf(t->leaf, out);
		return;
	}
	fprintf(out, "%s\n", ops[t->op]);
	for (unsigned i = 0; i < t->n; i++)
		text_tree(t->kids[i], depth + 1, out);
}

static void text_yaml(const struct toc_yaml *map, unsigned depth, FILE *out)
{
	for (unsigned i = 0; map && map->kind == TOC_YAML_MAP && i < map->n; i++) {
		fprintf(out, "%*s%s: ", (int)(2 * depth), "", (const char *)map->as.pairs[i].key->text.p);
		json_yaml(map->as.pairs[i].value, out);
		fputc('\n', out);
	}
}

/* The keys of `tocsin:` that change what a correlation means. */
static const char *const meaning[] = { "match", "absent", "ratio", "new",	   "baseline", "period",
				       "when",	"late",	  "needs", "inhibited_by", NULL };

static void text_super(const struct toc_yaml *map, FILE *out)
{
	for (const char *const *key = meaning; *key; key++) {
		const struct toc_yaml *value = toc_yaml_get(map, *key);
		if (!value)
			continue;
		fprintf(out, "  %s: ", *key);
		json_yaml(value, out);
		fputc('\n', out);
	}
}

static void text_raise(const struct toc_alert_rule *words, FILE *out)
{
	for (unsigned s = 0; s < TOC_SEVERITIES; s++)
		for (unsigned i = 0; words->raised_by[s] && words->raised_by[s][i]; i++)
			fprintf(out, "  raised to %s by %s\n", levels[s], words->raised_by[s][i]);
}

void toc_ruleset_text(const struct toc_ruleset *r, unsigned rule, FILE *out)
{
	const struct toc_alert_rule *words = &r->alerts[rule];
	const struct doc *doc = doc_of(r, rule);
	fprintf(out, "%s\n  id %s%s%s\n  %s:%u, level %s%s\n", words->title, words->id, doc->name ? ", name " : "",
		doc->name ? doc->name : "", words->path, doc->root->at.line, levels[words->severity],
		words->observed ? ", observes"
		: words->alerts ? ""
				: ", feeds correlations only");
	if (doc->kind == DOC_DETECTION) {
		fputs("  logsource", out);
		for (unsigned d = 0; d < 3; d++)
			if (doc->source.dims[d])
				fprintf(out, " %s %s", dimensions[d], doc->source.dims[d]);
		fputs("\n", out);
		text_tree(doc->tree, 1, out);
	} else {
		text_yaml(toc_yaml_get(doc->root, "correlation"), 1, out);
		text_super(toc_yaml_get(doc->root, "tocsin"), out);
	}
	text_raise(words, out);
}

void toc_ruleset_exemption(const struct toc_ruleset *r, unsigned filter, bool json, FILE *out)
{
	const struct toc_ruleset_filter *f = &r->filters[filter];
	if (!f->owner)
		return;
	fputs(json ? "{\"id\":" : "exemption     ", out);
	if (!json) {
		fprintf(out, "%s\n%26sof %s until ", f->title ? f->title : f->id, "", f->owner);
		text_time(f->expires, out);
		fprintf(out, ": %s\n", f->reason ? f->reason : "");
		return;
	}
	json_text(f->id, out);
	json_pair("kind", "exemption", out);
	json_pair("title", f->title, out);
	json_pair("owner", f->owner, out);
	json_pair("reason", f->reason, out);
	fprintf(out, ",\"expires\":%lld}\n", (long long)(f->expires / TOC_SEC));
}
