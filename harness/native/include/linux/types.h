/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's basic types. 64-bit integers are `long long`, as in the kernel, so that %llu is
 * right for a u64. The runtime includes this together with libc's <stdint.h>: it defines
 * KFAIL_NATIVE_RUNTIME, and the names that would collide are left out. So they are for a program that is linked with
 * libkfail.a (KFAIL_LIBRARY), which may use libc's headers as well, in any order.
 */
#ifndef KFAIL_LINUX_TYPES_H
#define KFAIL_LINUX_TYPES_H

#include "stddef.h"
#ifdef KFAIL_LIBRARY
#include "libc.h"
#endif

typedef signed char __s8;
typedef unsigned char __u8;
typedef signed short __s16;
typedef unsigned short __u16;
typedef signed int __s32;
typedef unsigned int __u32;
typedef signed long long __s64;
typedef unsigned long long __u64;

typedef __s8 s8;
typedef __u8 u8;
typedef __s16 s16;
typedef __u16 u16;
typedef __s32 s32;
typedef __u32 u32;
typedef __s64 s64;
typedef __u64 u64;

typedef __u16 __le16, __be16;
typedef __u32 __le32, __be32;
typedef __u64 __le64, __be64;
typedef __u16 __sum16;
typedef __u32 __wsum;
typedef unsigned __poll_t;

#if !defined(KFAIL_NATIVE_RUNTIME) && !defined(KFAIL_LIBRARY)
typedef s8 int8_t;
typedef u8 uint8_t;
typedef s16 int16_t;
typedef u16 uint16_t;
typedef s32 int32_t;
typedef u32 uint32_t;
typedef s64 int64_t;
typedef u64 uint64_t;
typedef unsigned long uintptr_t;
typedef __SIZE_TYPE__ size_t;
#endif
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef long long loff_t;
#ifndef KFAIL_LIBRARY
typedef long ssize_t;
typedef long off_t;
typedef long time_t;
#endif
typedef long long time64_t;

typedef u8 u_char, u_int8_t, unchar;
typedef unsigned short ushort, u_short;
typedef unsigned int uint, u_int;
typedef unsigned long ulong, u_long;

typedef u32 dev_t;
typedef unsigned short umode_t;
typedef unsigned int fmode_t;
typedef unsigned int gfp_t;
typedef unsigned int slab_flags_t;
typedef int pid_t;
typedef unsigned int uid_t, gid_t;
typedef u64 phys_addr_t;
typedef u64 dma_addr_t;
typedef phys_addr_t resource_size_t;
typedef u64 sector_t;
#ifndef KFAIL_LIBRARY
typedef u64 blkcnt_t;
#endif
typedef unsigned long pgoff_t;
typedef unsigned long irq_hw_number_t;

typedef struct {
	uid_t val;
} kuid_t;
typedef struct {
	gid_t val;
} kgid_t;

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	s64 counter;
} atomic64_t;
typedef atomic64_t atomic_long_t;

struct list_head {
	struct list_head *next, *prev;
};
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct llist_node {
	struct llist_node *next;
};

struct callback_head {
	struct callback_head *next;
	void (*func)(struct callback_head *head);
} __aligned(sizeof(void *));
#define rcu_head callback_head
typedef void (*rcu_callback_t)(struct rcu_head *head);

#define BITS_PER_BYTE		   8
#define BITS_PER_LONG		   64
#define BITS_PER_LONG_LONG	   64
#define BITS_TO_LONGS(nr)	   (((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

#define aligned_u64 __u64 __aligned(8)

#endif
