-- CreateTable
CREATE TABLE "images" (
    "id" VARCHAR(36) COLLATE "C" NOT NULL,
    "name" VARCHAR(255) COLLATE "C",
    "status" VARCHAR(30) COLLATE "C" NOT NULL,
    "visibility" VARCHAR(30) COLLATE "C" NOT NULL DEFAULT 'shared',
    "protected" BOOLEAN NOT NULL DEFAULT false,
    "os_hidden" BOOLEAN NOT NULL DEFAULT false,
    "owner" VARCHAR(255) COLLATE "C",
    "disk_format" VARCHAR(20) COLLATE "C",
    "container_format" VARCHAR(20) COLLATE "C",
    "min_disk" INTEGER NOT NULL DEFAULT 0,
    "min_ram" INTEGER NOT NULL DEFAULT 0,
    "size" BIGINT,
    "virtual_size" BIGINT,
    "checksum" VARCHAR(32) COLLATE "C",
    "os_hash_algo" VARCHAR(64) COLLATE "C",
    "os_hash_value" VARCHAR(128) COLLATE "C",
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,
    "deleted_at" TIMESTAMP(3),
    "deleted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "images_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image_properties" (
    "id" SERIAL NOT NULL,
    "image_id" VARCHAR(36) COLLATE "C" NOT NULL,
    "name" VARCHAR(255) COLLATE "C" NOT NULL,
    "value" TEXT COLLATE "C",
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,
    "deleted_at" TIMESTAMP(3),
    "deleted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "image_properties_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image_tags" (
    "id" SERIAL NOT NULL,
    "image_id" VARCHAR(36) COLLATE "C" NOT NULL,
    "value" VARCHAR(255) COLLATE "C" NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,
    "deleted_at" TIMESTAMP(3),
    "deleted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "image_tags_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image_locations" (
    "id" SERIAL NOT NULL,
    "image_id" VARCHAR(36) COLLATE "C" NOT NULL,
    "value" TEXT COLLATE "C" NOT NULL,
    "meta_data" TEXT COLLATE "C" NOT NULL,
    "store" VARCHAR(255) COLLATE "C",
    "status" VARCHAR(30) COLLATE "C" NOT NULL DEFAULT 'active',
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,
    "deleted_at" TIMESTAMP(3),
    "deleted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "image_locations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "image_members" (
    "id" SERIAL NOT NULL,
    "image_id" VARCHAR(36) COLLATE "C" NOT NULL,
    "member" VARCHAR(255) COLLATE "C" NOT NULL,
    "can_share" BOOLEAN NOT NULL DEFAULT false,
    "status" VARCHAR(20) COLLATE "C" NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMP(3) NOT NULL,
    "updated_at" TIMESTAMP(3) NOT NULL,
    "deleted_at" TIMESTAMP(3),
    "deleted" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "image_members_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "transfers" (
    "id" VARCHAR(36) COLLATE "C" NOT NULL,
    "image_id" VARCHAR(36) COLLATE "C" NOT NULL,
    "store" VARCHAR(255) COLLATE "C" NOT NULL,
    "state" VARCHAR(20) COLLATE "C" NOT NULL,
    "holder" VARCHAR(255) COLLATE "C",
    "job_id" VARCHAR(36) COLLATE "C" NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "seq" BIGSERIAL NOT NULL,
    "id" VARCHAR(36) COLLATE "C" NOT NULL,
    "kind" VARCHAR(10) COLLATE "C" NOT NULL,
    "name" VARCHAR(64) COLLATE "C" NOT NULL,
    "queue" VARCHAR(255) COLLATE "C" NOT NULL,
    "payload" TEXT COLLATE "C" NOT NULL,
    "request_id" VARCHAR(255) COLLATE "C" NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL,
    "published_at" TIMESTAMP(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "tokens" (
    "hash" VARCHAR(64) COLLATE "C" NOT NULL,
    "expires_at" TIMESTAMP(3) NOT NULL,
    "body" TEXT COLLATE "C" NOT NULL,

    CONSTRAINT "tokens_pkey" PRIMARY KEY ("hash")
);

-- CreateIndex
CREATE INDEX "images_deleted_os_hidden_created_at_id_idx" ON "images"("deleted", "os_hidden", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_visibility_os_hidden_created_at_id_idx" ON "images"("deleted", "visibility", "os_hidden", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_owner_created_at_id_idx" ON "images"("deleted", "owner", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_updated_at_created_at_id_idx" ON "images"("deleted", "updated_at", "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_status_idx" ON "images"("deleted", "status");

-- CreateIndex
CREATE INDEX "images_checksum_idx" ON "images"("checksum");

-- CreateIndex
CREATE INDEX "images_os_hash_value_idx" ON "images"("os_hash_value");

-- CreateIndex
CREATE UNIQUE INDEX "image_properties_image_id_name_key" ON "image_properties"("image_id", "name");

-- CreateIndex
CREATE INDEX "image_tags_value_image_id_idx" ON "image_tags"("value", "image_id");

-- CreateIndex
CREATE UNIQUE INDEX "image_tags_image_id_value_key" ON "image_tags"("image_id", "value");

-- CreateIndex
CREATE INDEX "image_locations_image_id_idx" ON "image_locations"("image_id");

-- CreateIndex
CREATE INDEX "image_locations_store_deleted_id_idx" ON "image_locations"("store", "deleted", "id");

-- CreateIndex
CREATE INDEX "image_locations_value_idx" ON "image_locations" USING HASH ("value");

-- CreateIndex
CREATE INDEX "image_members_member_deleted_status_idx" ON "image_members"("member", "deleted", "status");

-- CreateIndex
CREATE UNIQUE INDEX "image_members_image_id_member_key" ON "image_members"("image_id", "member");

-- CreateIndex
CREATE INDEX "transfers_image_id_idx" ON "transfers"("image_id");

-- CreateIndex
CREATE INDEX "transfers_expires_at_idx" ON "transfers"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_id_key" ON "outbox"("id");

-- CreateIndex
CREATE INDEX "outbox_published_at_seq_idx" ON "outbox"("published_at", "seq");

-- CreateIndex
CREATE INDEX "tokens_expires_at_idx" ON "tokens"("expires_at");

-- AddForeignKey
ALTER TABLE "image_properties" ADD CONSTRAINT "image_properties_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "image_tags" ADD CONSTRAINT "image_tags_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "image_locations" ADD CONSTRAINT "image_locations_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- AddForeignKey
ALTER TABLE "image_members" ADD CONSTRAINT "image_members_image_id_fkey" FOREIGN KEY ("image_id") REFERENCES "images"("id") ON DELETE RESTRICT ON UPDATE RESTRICT;

-- CreateIndex
CREATE INDEX "images_deleted_name_created_at_id_idx" ON "images"("deleted", "name" NULLS FIRST, "created_at", "id");

-- CreateIndex
CREATE INDEX "images_deleted_size_created_at_id_idx" ON "images"("deleted", "size" NULLS FIRST, "created_at", "id");

-- CreateIndex
CREATE INDEX "image_properties_name_value_idx" ON "image_properties"("name", left("value", 64));
