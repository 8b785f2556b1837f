/* first_config - a function a section of tocsin.yml. */
#include "app/first_config.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "app/config.h"
#include "ruleset/show.h"

static const char *const roles[TOC_SURVEY_ROLES] = { "gateway", "DHCP server", "DNS server", "printer" };

static const struct {
	uint32_t reason;
	const char *words;
} reasons[] = { { TOC_SURVEY_OFFERED, "told by DHCP" },	     { TOC_SURVEY_ANSWERED, "answers" },
		{ TOC_SURVEY_RAW, "printing on port 9100" }, { TOC_SURVEY_IPP, "printing on port 631" },
		{ TOC_SURVEY_LPD, "printing on port 515" },  { TOC_SURVEY_ANNOUNCED, "announced by mDNS" } };

static void print_host(const struct toc_survey_host *h, enum toc_survey_role role, FILE *out)
{
	char ip[TOC_ADDR_TEXT] = "(no ARP)", mac[TOC_MAC_TEXT] = "";
	const char *comma = "";
	if (h->has_ip)
		toc_addr_print(&h->ip, ip);
	if (h->has_mac)
		toc_mac_print(&h->mac, mac);
	fprintf(out, "%-11s  %-15s  %-17s  ", roles[role], ip, mac);
	if (h->reasons & TOC_SURVEY_CARRIES) {
		fprintf(out, "carries %" PRIu32 " addresses", h->times);
		comma = ", ";
	}
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (!(h->reasons & reasons[i].reason))
			continue;
		fprintf(out, "%s%s", comma, reasons[i].words);
		comma = ", ";
	}
	if (role != TOC_SURVEY_GATEWAY)
		fprintf(out, " (%" PRIu32 ")", h->times);
	fputc('\n', out);
}

void toc_first_config_finds(const struct toc_heard *h, const char *before, FILE *out)
{
	const struct toc_survey_result *r = &h->found;
	for (unsigned role = 0; role < TOC_SURVEY_ROLES; role++) {
		for (uint32_t i = 0; i < r->nhosts[role]; i++) {
			fputs(before, out);
			print_host(&r->hosts[role][i], (enum toc_survey_role)role, out);
		}
		if (r->left_out[role])
			fprintf(out, "%s%-11s  and %" PRIu32 " others\n", before, roles[role], r->left_out[role]);
	}
}

/* JSON's strings are YAML's, whatever an interface or a host is called. */
static void put_quoted(const char *text, FILE *out)
{
	toc_show_string(toc_span_str(text), out);
}

static void put_addr(const struct toc_addr *a, const char *prefix, FILE *out)
{
	char text[TOC_ADDR_TEXT];
	toc_addr_print(a, text);
	fprintf(out, toc_addr_is_v4(a) ? "%s%s" : "\"%s%s\"", text, prefix);
}

static void head(const struct toc_first_config *c, FILE *out)
{
	fprintf(out, "# tocsin.yml - written by `tocsin init` (%s), which listened to ", TOC_VERSION);
	put_quoted(c->heard_on, out);
	fprintf(out,
		" for %.0f s.\n"
		"# Rules start in observe mode: nobody is alerted. After two weeks `tocsin tune` proposes thresholds; "
		"then take\n"
		"# `mode: observe` away. What stands behind # is a proposal: what was found is for somebody who knows "
		"to approve.\n"
		"# tocsin.yml(5) has every key, docs/operating.md tells more. `tocsin check -c` this file tells every "
		"mistake.\n"
		"#\n# The mirror, as it was heard:\n",
		(double)c->heard->lasted / (double)TOC_SEC);
	for (unsigned i = 0; i < TOC_VERDICTS; i++)
		if (c->verdicts[i].words[0])
			fprintf(out, "#   %-4s %s\n", c->verdicts[i].bad ? "MEND" : "ok", c->verdicts[i].words);
}

static void sensor(const struct toc_first_config *c, FILE *out)
{
	fprintf(out, "\nversion: %d\n\nsensor:\n  name: ", TOC_CONFIG_VERSION);
	put_quoted(c->sensor, out);
	fputs("      # in each alert, and in Redis\n"
	      "  key_file: site.key  # makes the ids of alerts and the tokens for people: keep it, and keep it "
	      "secret\n",
	      out);
}

/* A worker takes some 200,000 packets/s of school traffic; the second one waits for more than half of that. */
static void interfaces(const struct toc_first_config *c, FILE *out)
{
	enum { WORKER = 100000 };
	const unsigned workers = 1 + (unsigned)(c->heard->peak_frames / WORKER);
	const char *hidden = c->interface ? "" : "# ";
	fprintf(out, "\n%sinterfaces:\n%s  - {name: ", hidden, hidden);
	put_quoted(c->interface ? c->interface : "eth1", out);
	fprintf(out, ", workers: %u, ring_mb: 64", workers < 32 ? workers : 32);
	if (c->heard->mbps)
		fprintf(out, ", link_mbps: %" PRIu32, c->heard->mbps);
	fputs(toc_mirror_twice(c->heard) ? ", duplicates: 3ms}\n" : "}\n", out);
	if (c->interface && (c->heard->joins || c->heard->joined))
		fprintf(out, "  # offloads off, at each start of the machine: ethtool -K %s gro off lro off\n",
			c->interface);
}

static void syslog(const struct toc_first_config *c, FILE *out)
{
	(void)c;
	fputs("\n# syslog:              # firewalls, switches, servers; tocsin.yml(5) has TLS and RELP\n"
	      "#   - {udp: \"0.0.0.0:514\", allow: [10.0.0.0/8]}\n"
	      "#   - {tcp: \"0.0.0.0:514\", allow: [10.0.0.0/8]}\n",
	      out);
}

static void networks(const struct toc_survey_result *r, FILE *out)
{
	char text[TOC_ADDR_TEXT];
	if (r->nnetworks)
		fputs("  # zones:             # networks that were seen, most hosts first; people and roles make them "
		      "useful\n",
		      out);
	for (uint32_t i = 0; i < r->nnetworks; i++) {
		toc_addr_print(&r->networks[i].ip, text);
		fprintf(out, "  #   - {name: net-%u-%u-%u, networks: [%s/24]}  # %" PRIu32 " hosts\n",
			r->networks[i].ip.b[12], r->networks[i].ip.b[13], r->networks[i].ip.b[14], text,
			r->networks[i].hosts);
	}
	if (r->networks_left_out)
		fprintf(out, "  #   and %" PRIu32 " others\n", r->networks_left_out);
}

static void site(const struct toc_first_config *c, FILE *out)
{
	const struct toc_survey_result *r = &c->heard->found;
	fputs("\ntime_zone: ", out);
	put_quoted(c->time_zone, out);
	fputs("  # of lines that name none, and of the calendars of rules\n"
	      "\nsite:\n  local: [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, \"fd00::/8\"",
	      out);
	for (uint32_t i = 0; i < r->nnetworks; i++) {
		if (!r->networks[i].on_link || toc_addr_is_private(&r->networks[i].ip))
			continue;
		fputs(", ", out);
		put_addr(&r->networks[i].ip, "/24", out);
	}
	fputs("]\n", out);
	networks(r, out);
	fputs("  # people: people.csv     # user,role,kind,grade_band\n"
	      "  # devices: devices.csv   # mac,host,role,owner,ownership\n",
	      out);
}

/* Only those that are inside: an address elsewhere has no MAC here to hold it to. */
static void addresses(const struct toc_survey_result *r, const char *key, enum toc_survey_role role, FILE *out)
{
	unsigned n = 0;
	for (uint32_t i = 0; i < r->nhosts[role]; i++) {
		const struct toc_survey_host *h = &r->hosts[role][i];
		if (!h->has_ip || (role == TOC_SURVEY_DNS && !h->has_mac))
			continue;
		if (!n++)
			fprintf(out, "#   %s: [", key);
		else
			fputs(", ", out);
		put_addr(&h->ip, "", out);
	}
	if (n)
		fputs("]\n", out);
}

static void protect(const struct toc_first_config *c, FILE *out)
{
	fputs("\n# Found, for approval:\n", out);
	toc_first_config_finds(c->heard, "#   ", out);
	if (c->heard->found.nhosts[TOC_SURVEY_DHCP] > 1)
		fputs("# More than one gives out addresses: one that nobody knows is an attack to look for, not one to "
		      "approve.\n",
		      out);
	fputs("# protect:\n", out);
	addresses(&c->heard->found, "gateways", TOC_SURVEY_GATEWAY, out);
	addresses(&c->heard->found, "dhcp_servers", TOC_SURVEY_DHCP, out);
	addresses(&c->heard->found, "addresses", TOC_SURVEY_DNS, out);
}

static void rules(const struct toc_first_config *c, FILE *out)
{
	static const char *const folders[] = { "rules.d", "local.d" };
	char path[1024];
	unsigned n = 0;
	fputs("\nrules:\n  mode: observe\n", out);
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int length = snprintf(path, sizeof(path), "%s/%s", c->folder, folders[i]);
		if (length < 0 || (size_t)length >= sizeof(path) || access(path, R_OK | X_OK) != 0)
			continue;
		fputs(n++ ? ", " : "  paths: [", out);
		fputs(folders[i], out);
	}
	fputs(n ? "]\n" : "  # paths: [rules.d]   # rules of your own\n", out);
}

static void rest(const struct toc_first_config *c, FILE *out)
{
	(void)c;
	fputs("\n# deliver:             # else alerts go to stdout\n"
	      "#   redis: \"unix:///run/redis/redis-server.sock\"\n"
	      "#   user: sensor-NAME    # made by: tocsin redis-setup --sensor NAME --out FOLDER\n"
	      "#   password_file: redis-password\n"
	      "\nstate: /var/lib/tocsin   # the journal of alerts, and what correlations and identity remember\n"
	      "\n# metrics: \"127.0.0.1:9105\"\n"
	      "# canary: {every: 5m}    # sent by cron elsewhere: logger -n SENSOR -P 514 -t tocsin-canary \"$(date "
	      "+%s)\"\n",
	      out);
}

void toc_first_config_write(const struct toc_first_config *c, FILE *out)
{
	static void (*const sections[])(const struct toc_first_config *c,
					FILE *out) = { head, sensor, interfaces, syslog, site, protect, rules, rest };
	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
		sections[i](c, out);
}
