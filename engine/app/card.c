/* card - counts from sysfs, addresses from the kernel, offloads by ethtool's call (linux/ethtool.h). */
#include "app/card.h"

#include <dirent.h>
#include <ifaddrs.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int64_t number(const char *interface, const char *file)
{
	char path[512];
	int64_t n = -1;
	if (strchr(interface, '/'))
		return -1;
	snprintf(path, sizeof(path), "/sys/class/net/%s/%s", interface, file);
	FILE *f = fopen(path, "r");
	if (f && fscanf(f, "%" SCNd64, &n) != 1)
		n = -1;
	if (f)
		fclose(f);
	return n;
}

int64_t toc_card_count(const char *interface, const char *what)
{
	char file[128];
	snprintf(file, sizeof(file), "statistics/%s", what);
	return number(interface, file);
}

int64_t toc_card_lost(const char *interface)
{
	static const char *const losses[] = { "rx_dropped", "rx_missed_errors", "rx_fifo_errors", "rx_over_errors" };
	int64_t sum = toc_card_count(interface, losses[0]);
	for (size_t i = 1; sum >= 0 && i < sizeof(losses) / sizeof(losses[0]); i++) {
		int64_t n = toc_card_count(interface, losses[i]);
		sum += n > 0 ? n : 0;
	}
	return sum;
}

uint32_t toc_card_mtu(const char *interface)
{
	int64_t n = number(interface, "mtu");
	return n > 0 && n < UINT32_MAX ? (uint32_t)n : 0;
}

uint32_t toc_card_mbps(const char *interface)
{
	int64_t n = number(interface, "speed");
	return n > 0 && n <= 1000000 ? (uint32_t)n : 0;
}

bool toc_card_joins(const char *interface)
{
	struct ethtool_value gro = { .cmd = ETHTOOL_GGRO }, flags = { .cmd = ETHTOOL_GFLAGS };
	struct ifreq asked = { .ifr_name = "" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || strlen(interface) >= sizeof(asked.ifr_name))
		return fd >= 0 && close(fd) != 0;
	memcpy(asked.ifr_name, interface, strlen(interface) + 1);
	asked.ifr_data = (char *)&gro;
	bool joins = ioctl(fd, SIOCETHTOOL, &asked) == 0 && gro.data;
	asked.ifr_data = (char *)&flags;
	joins = (ioctl(fd, SIOCETHTOOL, &asked) == 0 && (flags.data & ETH_FLAG_LRO)) || joins;
	close(fd);
	return joins;
}

static bool has_address(const struct ifaddrs *all, const char *name)
{
	for (const struct ifaddrs *a = all; a; a = a->ifa_next)
		if (a->ifa_addr && a->ifa_addr->sa_family == AF_INET && strcmp(a->ifa_name, name) == 0)
			return true;
	return false;
}

static unsigned list(struct toc_card *out, const struct ifaddrs *all)
{
	unsigned n = 0;
	DIR *folder = opendir("/sys/class/net");
	for (const struct dirent *e; folder && n < TOC_CARDS && (e = readdir(folder));) {
		struct toc_card *c = &out[n];
		const size_t size = strlen(e->d_name) + 1;
		if (e->d_name[0] == '.' || strcmp(e->d_name, "lo") == 0 || size > sizeof(c->name) ||
		    number(e->d_name, "mtu") < 0) /* bonding_masters is no interface */
			continue;
		*c = (struct toc_card){ .up = number(e->d_name, "carrier") == 1,
					.addressed = has_address(all, e->d_name) };
		memcpy(c->name, e->d_name, size);
		n++;
	}
	if (folder)
		closedir(folder);
	return n;
}

/* Where much comes without an address that it could be meant for. */
static int by_probability(const void *a, const void *b)
{
	const struct toc_card *x = a, *y = b;
	const bool mirrors[2] = { x->frames && !x->addressed, y->frames && !y->addressed };
	if (mirrors[0] != mirrors[1])
		return mirrors[0] ? -1 : 1;
	if (x->frames != y->frames)
		return x->frames > y->frames ? -1 : 1;
	return x->up != y->up ? (x->up ? -1 : 1) : strcmp(x->name, y->name);
}

unsigned toc_cards(struct toc_card out[TOC_CARDS])
{
	struct ifaddrs *all = NULL;
	int64_t before[TOC_CARDS];
	if (getifaddrs(&all) != 0)
		all = NULL;
	unsigned n = list(out, all);
	freeifaddrs(all);
	for (unsigned i = 0; i < n; i++)
		before[i] = toc_card_count(out[i].name, "rx_packets");
	sleep(1);
	for (unsigned i = 0; i < n; i++) {
		int64_t came = toc_card_count(out[i].name, "rx_packets") - before[i];
		out[i].frames = came > 0 ? (uint64_t)came : 0;
	}
	qsort(out, n, sizeof(*out), by_probability);
	return n;
}
