// SPDX-License-Identifier: GPL-2.0-only
/*
 * GFP flags in words, as format_flags() in lib/vsprintf.c of 6.1 prints them for %pGg: composite
 * names first and greedily, in the order of include/trace/events/mmflags.h, joined by '|'; bits
 * without a name follow in hexadecimal. No flags at all are "none", as in trace events (%pGg prints
 * nothing, which reads like a mistake in a report).
 */
#include "gfp.h"

#include <stdio.h>
#include "types.h"

#define GFP_ZEROTAGS	     0x800000u /* nobody but arm64 asks for it; named all the same */
#define GFP_USER	     (KF_GFP_KERNEL | KF_GFP_HARDWALL)
#define GFP_HIGHUSER	     (GFP_USER | KF_GFP_HIGHMEM)
#define GFP_HIGHUSER_MOVABLE (GFP_HIGHUSER | KF_GFP_MOVABLE)
#define GFP_TRANSHUGE_LIGHT \
	((GFP_HIGHUSER_MOVABLE | KF_GFP_COMP | KF_GFP_NOMEMALLOC | KF_GFP_NOWARN) & ~KF_GFP_RECLAIM)
#define GFP_TRANSHUGE (GFP_TRANSHUGE_LIGHT | KF_GFP_DIRECT_RECLAIM)

static const struct {
	uint32_t mask;
	const char *name;
} gfp_names[] = {
	{GFP_TRANSHUGE, "GFP_TRANSHUGE"},
	{GFP_TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT"},
	{GFP_HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE"},
	{GFP_HIGHUSER, "GFP_HIGHUSER"},
	{GFP_USER, "GFP_USER"},
	{KF_GFP_KERNEL | KF_GFP_ACCOUNT, "GFP_KERNEL_ACCOUNT"},
	{KF_GFP_KERNEL, "GFP_KERNEL"},
	{KF_GFP_RECLAIM | KF_GFP_IO, "GFP_NOFS"},
	{KF_GFP_ATOMIC, "GFP_ATOMIC"},
	{KF_GFP_RECLAIM, "GFP_NOIO"},
	{KF_GFP_NOWAIT, "GFP_NOWAIT"},
	{KF_GFP_DMA, "GFP_DMA"},
	{KF_GFP_HIGHMEM, "__GFP_HIGHMEM"},
	{KF_GFP_DMA32, "GFP_DMA32"},
	{KF_GFP_HIGH, "__GFP_HIGH"},
	{KF_GFP_ATOMIC_BIT, "__GFP_ATOMIC"},
	{KF_GFP_IO, "__GFP_IO"},
	{KF_GFP_FS, "__GFP_FS"},
	{KF_GFP_NOWARN, "__GFP_NOWARN"},
	{KF_GFP_RETRY_MAYFAIL, "__GFP_RETRY_MAYFAIL"},
	{KF_GFP_NOFAIL, "__GFP_NOFAIL"},
	{KF_GFP_NORETRY, "__GFP_NORETRY"},
	{KF_GFP_COMP, "__GFP_COMP"},
	{KF_GFP_ZERO, "__GFP_ZERO"},
	{KF_GFP_NOMEMALLOC, "__GFP_NOMEMALLOC"},
	{KF_GFP_MEMALLOC, "__GFP_MEMALLOC"},
	{KF_GFP_HARDWALL, "__GFP_HARDWALL"},
	{KF_GFP_THISNODE, "__GFP_THISNODE"},
	{KF_GFP_RECLAIMABLE, "__GFP_RECLAIMABLE"},
	{KF_GFP_MOVABLE, "__GFP_MOVABLE"},
	{KF_GFP_ACCOUNT, "__GFP_ACCOUNT"},
	{KF_GFP_WRITE, "__GFP_WRITE"},
	/* The kernel lists __GFP_RECLAIM and its two halves here; GFP_NOIO and GFP_NOWAIT above
	 * have taken all but the direct half by then. */
	{KF_GFP_DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"},
	{GFP_ZEROTAGS, "__GFP_ZEROTAGS"},
};

#define GFP_NAMES (sizeof(gfp_names) / sizeof(gfp_names[0]))

const char *gfp_name(unsigned i, uint32_t *mask)
{
	if (i >= GFP_NAMES)
		return NULL;
	*mask = gfp_names[i].mask;
	return gfp_names[i].name;
}

char *gfp_to_text(uint32_t gfp, char *buf, size_t n)
{
	size_t used = 0;

	if (!n)
		return buf;
	snprintf(buf, n, "%s", gfp ? "" : "none");
	for (size_t i = 0; i < GFP_NAMES && used < n; i++) {
		if ((gfp & gfp_names[i].mask) != gfp_names[i].mask)
			continue;
		gfp &= ~gfp_names[i].mask;
		used += (size_t)snprintf(buf + used, n - used, "%s%s", gfp_names[i].name,
					 gfp ? "|" : "");
	}
	if (gfp && used < n)
		snprintf(buf + used, n - used, "%#x", gfp);
	return buf;
}
