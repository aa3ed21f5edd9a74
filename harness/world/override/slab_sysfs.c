// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/slab/CACHE/ and /sys/kernel/debug/slab/CACHE/: made by the kernel's own code (sysfs_slab_add() and
 * debugfs_slab_add() of mm/slub.c) for a struct kmem_cache of each of our caches, when somebody looks from
 * outside. A cache that is created has no directory until then, so creating one asks for no memory of sysfs: a
 * difference from the kernel, where kmem_cache_create() can fail there.
 *
 * Attributes that read fields are the kernel's. Those that count slabs on nodes and CPUs, and the traces of
 * allocations, come from the allocators. The directories are for reading: what is written to min_partial and
 * the like changes nothing.
 */
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include "host.h"
#include "show.h"

/* enum slab_stat_type of mm/slub.c, as the bits that show_slab_objects() takes. */
enum { SO_ALL = 1, SO_PARTIAL = 2, SO_CPU = 4, SO_OBJECTS = 8, SO_TOTAL = 16 };

extern int sysfs_slab_add(struct kmem_cache *s);
extern int sysfs_slab_alias(struct kmem_cache *s, const char *name);
extern void debugfs_slab_add(struct kmem_cache *s);
extern bool slab_nomerge;
ssize_t show_slab_objects(struct kmem_cache *s, char *buf, unsigned long flags);
ssize_t slabs_cpu_partial_show(struct kmem_cache *s, char *buf);
int slab_debug_trace_open(struct inode *inode, struct file *file);
int slab_debug_trace_release(struct inode *inode, struct file *file);

static struct kf_cache_shown **shown;
static unsigned int shown_count;

static const struct kf_cache_picture *picture_of(struct kmem_cache *s)
{
	return &container_of(s, struct kf_cache_shown, cache)->picture;
}

static unsigned long count(const struct kf_cache_picture *picture, unsigned long flags)
{
	if (flags & SO_CPU)
		return picture->cpu_slabs;
	if (flags & SO_PARTIAL)
		return flags & SO_OBJECTS ? picture->partial_objects : picture->partial;
	if (flags & SO_TOTAL)
		return picture->objects;
	return flags & SO_OBJECTS ? picture->active_objects : picture->slabs;
}

ssize_t show_slab_objects(struct kmem_cache *s, char *buf, unsigned long flags)
{
	unsigned long n = count(picture_of(s), flags);
	int length = sysfs_emit(buf, "%lu", n);

	if (n)
		length += sysfs_emit_at(buf, length, " N0=%lu", n);
	return length + sysfs_emit_at(buf, length, "\n");
}

/* No CPU keeps partial slabs to itself. */
ssize_t slabs_cpu_partial_show(struct kmem_cache *s, char *buf)
{
	return sysfs_emit(buf, "0(0)\n");
}

static int show_traces(struct seq_file *m, void *unused)
{
	struct kmem_cache *s = m->private;
	bool alloc = !strcmp(m->file->f_path.dentry->d_name.name, "alloc_traces");
	const char *line;
	unsigned int i;

	for (i = 0; (line = host_traces_line(picture_of(s)->cache, alloc, i)); i++)
		seq_printf(m, "%s\n", line);
	return 0;
}

int slab_debug_trace_open(struct inode *inode, struct file *file)
{
	return single_open(file, show_traces, inode->i_private);
}

int slab_debug_trace_release(struct inode *inode, struct file *file)
{
	return single_release(inode, file);
}

/* ---- making them --------------------------------------------------------------------------------- */

/* All pictures first: what is allocated from here on is not in them. */
static void copy_pictures(void)
{
	struct kf_cache_picture picture;
	unsigned int i;

	while (host_picture_cache(shown_count, &picture))
		shown_count++;
	shown = kcalloc(shown_count, sizeof(*shown), GFP_KERNEL);
	for (i = 0; shown && i < shown_count; i++) {
		shown[i] = kzalloc(KF_CACHE_SHOWN_SIZE, GFP_KERNEL);
		if (shown[i] && host_picture_cache(i, &picture))
			kf_show_cache(shown[i], &picture);
	}
}

/* Oldest first, as they came. */
void kf_add_slab_directories(void)
{
	unsigned int i;

	if (shown)
		return;
	/* A cache that could be merged would get a name like ":0000192". */
	slab_nomerge = true;
	copy_pictures();
	for (i = shown ? shown_count : 0; i--;)
		if (shown[i])
			sysfs_slab_add(&shown[i]->cache);
}

/* Caches with slub_debug=U have them. */
void kf_add_slab_traces(void)
{
	static bool done;
	unsigned int i;

	kf_add_slab_directories();
	for (i = shown && !done ? shown_count : 0; i--;)
		if (shown[i] && (shown[i]->cache.flags & SLAB_STORE_USER))
			debugfs_slab_add(&shown[i]->cache);
	done = true;
}
