// SPDX-License-Identifier: GPL-2.0-only
/*
 * The boot parameter slub_debug: which caches are debugged, and how. Follows setup_slub_debug(),
 * parse_slub_debug_flags() and kmem_cache_flags() of mm/slub.c 6.1.
 *
 *	slub_debug=FLAGS[,cache1[,cache2...]][;FLAGS,...]
 *
 * Letters, either case: F consistency checks, Z red zones, P poison, U store user, T trace, A mark for failslab,
 * O not where the smallest slab would grow, - none. A block without letters but with a list means FZPU. A name may
 * end in '*'. The first block whose list names a cache decides for it; a block without a list is for all
 * others (the last one counts). With lists only, all others stay as they are.
 */
#include <ctype.h>
#include <string.h>

#include "../core/state.h"

#define FZPU (KF_SLAB_CONSISTENCY_CHECKS | KF_SLAB_RED_ZONE | KF_SLAB_POISON | KF_SLAB_STORE_USER)

/* One block: [list, end) are the names, NULL when there is no list. */
struct block {
	u32 flags;
	bool modest; /* O */
	const char *list, *end;
};

/* False: the letter means nothing. */
static bool take_letter(struct block *block, char letter)
{
	switch (tolower((unsigned char)letter)) {
	case '-':
		block->flags = 0;
		break;
	case 'f':
		block->flags |= KF_SLAB_CONSISTENCY_CHECKS;
		break;
	case 'z':
		block->flags |= KF_SLAB_RED_ZONE;
		break;
	case 'p':
		block->flags |= KF_SLAB_POISON;
		break;
	case 'u':
		block->flags |= KF_SLAB_STORE_USER;
		break;
	case 't':
		block->flags |= KF_SLAB_TRACE;
		break;
	case 'a':
		block->flags |= KF_SLAB_FAILSLAB;
		break;
	case 'o':
		block->modest = true;
		break;
	default:
		return false;
	}
	return true;
}

/* Parse the block at `text`, saying so of letters that mean nothing; the next block, or NULL after the last. */
static const char *parse_block(const char *text, struct block *block, bool aloud)
{
	*block = (struct block){0};
	text += strspn(text, ";");
	if (*text == ',')
		block->flags = FZPU;
	for (; *text && *text != ',' && *text != ';'; text++)
		if (!take_letter(block, *text) && aloud)
			kf_log(3, "slub_debug option '%c' unknown. skipped", *text);
	if (*text == ',')
		block->list = text + 1;
	text += strcspn(text, ";");
	block->end = text;
	text += strspn(text, ";");
	return *text ? text : NULL;
}

static bool name_matches(const char *name, const char *pattern, size_t n)
{
	const char *star = memchr(pattern, '*', n);

	if (star)
		return !strncmp(name, pattern, (size_t)(star - pattern));
	return strlen(name) == n && !memcmp(name, pattern, n);
}

static bool block_names(const struct block *block, const char *name)
{
	const char *at = block->list;

	while (at && at < block->end) {
		size_t n = strcspn(at, ",;");

		if (name_matches(name, at, n))
			return true;
		at += n + 1;
	}
	return false;
}

u32 kf_slub_debug_flags(u32 flags, const char *name)
{
	const char *text = kf_settings()->slub_debug;
	struct block block;
	u32 global = 0;

	if (!*text || flags & KF_SLAB_NO_USER_FLAGS)
		return flags;
	while (text) {
		text = parse_block(text, &block, false);
		if (block_names(&block, name))
			return flags | block.flags;
		if (!block.list)
			global = block.flags;
	}
	/* Caches that are debugging aids themselves store no users, unless they are named. */
	if (flags & KF_SLAB_NOLEAKTRACE)
		global &= ~(u32)KF_SLAB_STORE_USER;
	return flags | global;
}

bool kf_slub_debug_modest(void)
{
	const char *text = kf_settings()->slub_debug;
	struct block block;

	while (text && *text) {
		text = parse_block(text, &block, false);
		if (block.modest)
			return true;
	}
	return false;
}

void kf_slub_debug_complain(void)
{
	const char *text = kf_settings()->slub_debug;
	struct block block;

	while (text && *text)
		text = parse_block(text, &block, true);
}
