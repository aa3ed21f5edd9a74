// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entries of /proc, debugfs and sysfs: records (resource.c) with a name and a parent; and seq_file,
 * with which drivers fill them. Removing a directory removes what is below it, as in the kernel,
 * except with remove_proc_entry(), which warns.
 */
#include "world.h"

#include "include/linux/debugfs.h"
#include "include/linux/proc_fs.h"
#include "include/linux/seq_file.h"
#include "include/linux/slab.h"
#include "include/linux/string.h"
#include "include/linux/sysfs.h"

static const char proc_type[] = "proc entry";
static const char debugfs_type[] = "debugfs entry";
static const char sysfs_type[] = "sysfs entry";

/* The record is the entry; its key is the record of the directory above. */
static struct native_resource *add_entry(const char *what, const char *type, const void *parent,
					 const char *name, uint64_t caller)
{
	native_may_sleep(what);
	return native_resource_add(type, parent, name, caller);
}

static bool has_children(const struct native_resource *entry)
{
	return native_resource_find(entry->type, entry);
}

static void remove_tree(struct native_resource *entry)
{
	struct native_resource *child;

	while ((child = native_resource_find(entry->type, entry)))
		remove_tree(child);
	native_resource_remove(entry);
}

static struct native_resource *find_entry(const char *type, const void *parent, const char *name)
{
	struct native_resource *res = native_state.resources;

	while (res && (res->type != type || res->key != parent ||
		       strncmp(res->name, name, sizeof(res->name) - 1)))
		res = res->next;
	return res;
}

/* ---- /proc ---- */

static struct proc_dir_entry *add_proc(const char *name, struct proc_dir_entry *parent,
				       uint64_t caller)
{
	if (find_entry(proc_type, parent, name)) {
		judge_warning("a proc entry of this name exists already");
		return NULL;
	}
	return (struct proc_dir_entry *)add_entry("proc_create", proc_type, parent, name, caller);
}

NATIVE_API struct proc_dir_entry *proc_mkdir(const char *name, struct proc_dir_entry *parent)
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API struct proc_dir_entry *proc_create(const char *name, umode_t mode,
					      struct proc_dir_entry *parent,
					      const struct proc_ops *ops)
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API struct proc_dir_entry *proc_create_data(const char *name, umode_t mode,
						   struct proc_dir_entry *parent,
						   const struct proc_ops *ops, void *data)
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API struct proc_dir_entry *proc_create_single(const char *name, umode_t mode,
						     struct proc_dir_entry *parent,
						     int (*show)(struct seq_file *, void *))
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API struct proc_dir_entry *proc_create_single_data(const char *name, umode_t mode,
							  struct proc_dir_entry *parent,
							  int (*show)(struct seq_file *, void *),
							  void *data)
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API struct proc_dir_entry *proc_create_seq(const char *name, umode_t mode,
						  struct proc_dir_entry *parent,
						  const struct seq_operations *ops)
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API struct proc_dir_entry *proc_symlink(const char *name, struct proc_dir_entry *parent,
					       const char *dest)
{
	return add_proc(name, parent, NATIVE_CALLER());
}

NATIVE_API void proc_remove(struct proc_dir_entry *entry)
{
	native_may_sleep("proc_remove");
	if (entry)
		remove_tree((struct native_resource *)entry);
}

NATIVE_API void remove_proc_entry(const char *name, struct proc_dir_entry *parent)
{
	struct native_resource *entry = find_entry(proc_type, parent, name);

	native_may_sleep("remove_proc_entry");
	if (!entry)
		judge_warning("remove_proc_entry() of an entry that does not exist");
	else if (has_children(entry))
		judge_warning("remove_proc_entry() of a directory that is not empty");
	if (entry)
		remove_tree(entry);
}

NATIVE_API int remove_proc_subtree(const char *name, struct proc_dir_entry *parent)
{
	struct native_resource *entry = find_entry(proc_type, parent, name);

	native_may_sleep("remove_proc_subtree");
	if (!entry)
		return -ENOENT;
	remove_tree(entry);
	return 0;
}

/* ---- debugfs: an error pointer as parent makes the call fail alike, quietly ---- */

static struct dentry *add_debugfs(const char *name, struct dentry *parent, uint64_t caller)
{
	struct native_resource *entry;

	if (IS_ERR(parent))
		return parent;
	if (find_entry(debugfs_type, parent, name))
		return ERR_PTR(-EEXIST);
	entry = add_entry("debugfs_create", debugfs_type, parent, name, caller);
	return entry ? (struct dentry *)entry : ERR_PTR(-ENOMEM);
}

NATIVE_API struct dentry *debugfs_create_dir(const char *name, struct dentry *parent)
{
	return add_debugfs(name, parent, NATIVE_CALLER());
}

NATIVE_API struct dentry *debugfs_create_file(const char *name, umode_t mode, struct dentry *parent,
					      void *data, const struct file_operations *fops)
{
	return add_debugfs(name, parent, NATIVE_CALLER());
}

#define DEBUGFS_VALUE(fn, type)                                                                \
	NATIVE_API void fn(const char *name, umode_t mode, struct dentry *parent, type *value) \
	{                                                                                      \
		add_debugfs(name, parent, NATIVE_CALLER());                                    \
	}
DEBUGFS_VALUE(debugfs_create_u8, u8)
DEBUGFS_VALUE(debugfs_create_u16, u16)
DEBUGFS_VALUE(debugfs_create_u32, u32)
DEBUGFS_VALUE(debugfs_create_u64, u64)
DEBUGFS_VALUE(debugfs_create_x32, u32)
DEBUGFS_VALUE(debugfs_create_bool, bool)
DEBUGFS_VALUE(debugfs_create_atomic_t, atomic_t)

NATIVE_API void debugfs_remove(struct dentry *dentry)
{
	native_may_sleep("debugfs_remove");
	if (!IS_ERR_OR_NULL(dentry))
		remove_tree((struct native_resource *)dentry);
}

/* ---- sysfs ---- */

NATIVE_API struct kobject *native_kernel_kobj(void)
{
	return &native_seldom.kernel_object;
}

/* A group without a name is known by its address. */
static int add_sysfs(const struct kobject *kobj, const void *what, const char *name,
		     uint64_t caller)
{
	struct native_resource *entry;

	if (WARN_ON(!kobj))
		return -EINVAL;
	entry = add_entry("sysfs_create", sysfs_type, kobj, name, caller);
	if (!entry)
		return -ENOMEM;
	entry->first = entry->last = (unsigned long)what;
	return 0;
}

static void remove_sysfs(const void *what, const char *problem)
{
	struct native_resource *entry =
		native_resource_overlap(sysfs_type, (unsigned long)what, (unsigned long)what);

	native_may_sleep("sysfs_remove");
	if (entry)
		native_resource_remove(entry);
	else if (problem)
		judge_warning(problem);
}

NATIVE_API int sysfs_create_group(struct kobject *kobj, const struct attribute_group *grp)
{
	return add_sysfs(kobj, grp, grp->name, NATIVE_CALLER());
}

NATIVE_API void sysfs_remove_group(struct kobject *kobj, const struct attribute_group *grp)
{
	remove_sysfs(grp, grp->name ? "sysfs_remove_group() of a group that does not exist" : NULL);
}

NATIVE_API int sysfs_create_file(struct kobject *kobj, const struct attribute *attr)
{
	return add_sysfs(kobj, attr, attr->name, NATIVE_CALLER());
}

NATIVE_API void sysfs_remove_file(struct kobject *kobj, const struct attribute *attr)
{
	remove_sysfs(attr, NULL);
}

NATIVE_API int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vscnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return n;
}

NATIVE_API int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int n;

	if (WARN(at < 0 || (unsigned long)at >= PAGE_SIZE, "invalid sysfs_emit_at: at:%d\n", at))
		return 0;
	va_start(args, fmt);
	n = vscnprintf(buf + at, PAGE_SIZE - (unsigned long)at, fmt, args);
	va_end(args);
	return n;
}

/* ---- seq_file ---- */

NATIVE_API int seq_write(struct seq_file *m, const void *data, size_t len)
{
	if (m->count + len >= m->size) {
		m->count = m->size;
		return -1;
	}
	memcpy(m->buf + m->count, data, len);
	m->count += len;
	return 0;
}

NATIVE_API void seq_puts(struct seq_file *m, const char *s)
{
	seq_write(m, s, strlen(s));
}

NATIVE_API void seq_putc(struct seq_file *m, char c)
{
	seq_write(m, &c, 1);
}

NATIVE_API void seq_printf(struct seq_file *m, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	m->count += (size_t)vscnprintf(m->buf + m->count, m->size - m->count, fmt, args);
	va_end(args);
}

NATIVE_API int seq_open(struct file *file, const struct seq_operations *op)
{
	struct seq_file *m = kzalloc(sizeof(*m), GFP_KERNEL);

	if (!m)
		return -ENOMEM;
	m->op = op;
	file->private_data = m;
	return 0;
}

NATIVE_API int seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *m = file->private_data;

	kvfree(m->buf);
	kfree(m);
	return 0;
}

static void *single_start(struct seq_file *m, loff_t *pos)
{
	return *pos ? NULL : SEQ_START_TOKEN;
}

static void *single_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

static void single_stop(struct seq_file *m, void *v)
{
}

NATIVE_API int single_open(struct file *file, int (*show)(struct seq_file *, void *), void *data)
{
	struct seq_operations *op = kmalloc(sizeof(*op), GFP_KERNEL_ACCOUNT);
	int error;

	if (!op)
		return -ENOMEM;
	*op = (struct seq_operations){single_start, single_stop, single_next, show};
	error = seq_open(file, op);
	if (error)
		kfree(op);
	else
		((struct seq_file *)file->private_data)->private = data;
	return error;
}

NATIVE_API int single_release(struct inode *inode, struct file *file)
{
	const struct seq_operations *op = ((struct seq_file *)file->private_data)->op;
	int result = seq_release(inode, file);

	kfree(op);
	return result;
}

/* All records into one buffer, doubled until they fit. */
static int fill(struct seq_file *m)
{
	for (m->size = PAGE_SIZE;; m->size *= 2) {
		loff_t pos = 0;
		void *v;

		m->buf = kvmalloc(m->size, GFP_KERNEL_ACCOUNT);
		if (!m->buf)
			return -ENOMEM;
		m->count = 0;
		for (v = m->op->start(m, &pos); v && !IS_ERR(v); v = m->op->next(m, v, &pos))
			m->op->show(m, v);
		m->op->stop(m, v);
		if (m->count < m->size)
			return 0;
		kvfree(m->buf);
		m->buf = NULL;
	}
}

NATIVE_API ssize_t seq_read(struct file *file, char __user *buf, size_t size, loff_t *ppos)
{
	struct seq_file *m = file->private_data;
	int error = m->buf ? 0 : fill(m);

	return error ? error : simple_read_from_buffer(buf, size, ppos, m->buf, m->count);
}

NATIVE_API loff_t seq_lseek(struct file *file, loff_t offset, int whence)
{
	return default_llseek(file, offset, whence);
}
